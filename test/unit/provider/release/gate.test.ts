import { describe, expect, it } from "vitest";
import type { RunningSlot } from "../../../../provider/proxy/runtime-output.ts";
import { gateStep } from "../../../../provider/release/gate.ts";

const container = { container: "web-2", port: 8080, addresses: ["10.0.0.2"] };
const slot: RunningSlot = { name: "s2", container: "web-2", port: 8080, address: "10.0.0.2", state: "drain", up: true };

describe("the gate", () => {
  it("puts a container into its slot, out of use until its name is resolved", () => {
    const commands = ["set server dev.web/s2 state maint", "set server dev.web/s2 fqdn web-2"];
    const free: RunningSlot = { ...slot, container: undefined, state: "maint", up: false };
    expect(gateStep("dev.web/s2", free, container)).toEqual({ kind: "run", commands });
    expect(gateStep("dev.web/s2", { ...slot, container: "web-1" }, container)).toEqual({ kind: "run", commands });
  });

  it("does not believe a check of the address that another container had", () => {
    for (const address of ["10.0.0.1", undefined]) {
      expect(gateStep("dev.web/s2", { ...slot, address }, container)).toEqual({
        kind: "wait",
        why: `the proxy finds ${address ?? "no address"} by its name, not 10.0.0.2; is it on a network of the proxy's?`,
      });
    }
  });

  it("has a resolved container checked from scratch, without requests", () => {
    expect(gateStep("dev.web/s2", { ...slot, state: "maint", up: false }, container)).toEqual({
      kind: "run",
      commands: [
        "set server dev.web/s2 addr 10.0.0.2 port 8080",
        "set server dev.web/s2 state drain",
        "set server dev.web/s2 health down",
      ],
    });
  });

  it("opens when the check passes", () => {
    expect(gateStep("dev.web/s2", { ...slot, up: false }, container)).toEqual({ kind: "wait", why: "" });
    expect(gateStep("dev.web/s2", slot, container)).toEqual({ kind: "passed" });
  });
});
