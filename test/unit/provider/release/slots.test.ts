import { describe, expect, it } from "vitest";
import type { RunningSlot } from "../../../../provider/proxy/runtime-output.ts";
import type { Definition } from "../../../../provider/release/definition.ts";
import type { Fragment } from "../../../../provider/release/fragment.ts";
import { leftovers, planSlots, slotsAfter } from "../../../../provider/release/slots.ts";

const health = { path: "/health", host: "web.test", everySeconds: 1, timeoutSeconds: 3, failures: 3 };

function fragment(...containers: (string | undefined)[]): Fragment {
  const slots = containers.map((container, index) => ({ name: `s${index + 1}`, container, port: 8080, checked: true }));
  return { environment: "dev", service: "web", health, hosts: ["web.test"], rules: [], slots };
}

function slot(
  name: string,
  container?: string,
  state: RunningSlot["state"] = container ? "ready" : "maint",
): RunningSlot {
  const up = container !== undefined;
  return { name, container, state, port: 8080, address: container && "10.0.0.1", up, passed: up };
}

const wanted = (...containers: string[]) => wantedWith({}, ...containers);

function wantedWith(more: Partial<Definition>, ...containers: string[]) {
  const definition = {
    environment: "dev",
    service: "web",
    health,
    hosts: ["web.test"],
    rules: [],
    port: 8080,
    ...more,
  };
  return { containers, replicas: containers.length, definition };
}

describe("the plan of a first release", () => {
  it("gives each container a slot of twice as many, after a reload", () => {
    expect(planSlots({ fragment: undefined, running: undefined }, wanted("a", "b"))).toEqual({
      slots: ["s1", "s2", "s3", "s4"].map((name) => ({ name, port: 8080, checked: true })),
      reshape: true,
      newcomers: ["s1", "s2"],
      targets: [
        { container: "a", slot: "s1" },
        { container: "b", slot: "s2" },
      ],
      retiring: [],
    });
  });
});

describe("the plan of a later release", () => {
  it("puts the new container into the free slot without a reload and retires the old one", () => {
    const plan = planSlots({ fragment: fragment("a", undefined), running: [slot("s1", "a"), slot("s2")] }, wanted("b"));
    expect(plan).toMatchObject({ reshape: false, targets: [{ container: "b", slot: "s2" }], retiring: ["s1"] });
    expect(slotsAfter(plan, 8080)).toEqual([
      { name: "s1", port: 8080, checked: true },
      { name: "s2", container: "b", port: 8080, checked: true },
    ]);
  });

  it("does nothing when the wanted containers serve", () => {
    const present = { fragment: fragment(undefined, "b"), running: [slot("s1"), slot("s2", "b")] };
    expect(planSlots(present, wanted("b"))).toMatchObject({
      reshape: false,
      newcomers: [],
      targets: [{ container: "b", slot: "s2" }],
      retiring: [],
    });
  });

  it("keeps the old containers where they are while it makes room for more replicas", () => {
    const present = { fragment: fragment("a", undefined), running: [slot("s1", "a"), slot("s2")] };
    const plan = planSlots(present, wanted("b", "c", "d"));
    expect(plan).toMatchObject({ reshape: true, newcomers: ["s2", "s3", "s4"], retiring: ["s1"] });
    expect(plan.slots.map(({ name, container }) => `${name} ${container ?? "-"}`)).toEqual([
      "s1 a",
      "s2 -",
      "s3 -",
      "s4 -",
      "s5 -",
      "s6 -",
    ]);
  });

  it("gives up slots when there are fewer replicas, none that serves", () => {
    const running = [slot("s1"), slot("s2"), slot("s3"), slot("s4", "a"), slot("s5", "b"), slot("s6", "c")];
    const present = { fragment: fragment(undefined, undefined, undefined, "a", "b", "c"), running };
    const plan = planSlots(present, wanted("d"));
    expect(plan).toMatchObject({ reshape: true, newcomers: ["s1"], retiring: ["s4", "s5", "s6"] });
    expect(plan.slots.map(({ name }) => name)).toEqual(["s1", "s4", "s5", "s6"]);
  });

  it("checks a container by the new health path in a slot of its own, and the old ones not at all", () => {
    const present = { fragment: fragment("a", undefined), running: [slot("s1", "a"), slot("s2")] };
    const plan = planSlots(present, wantedWith({ health: { ...health, path: "/up" } }, "a"));
    expect(plan).toMatchObject({ reshape: true, targets: [{ container: "a", slot: "s2" }], retiring: ["s1"] });
    expect(plan.slots).toEqual([
      { name: "s1", container: "a", port: 8080, checked: false },
      { name: "s2", port: 8080, checked: true },
    ]);
  });

  it("reloads when the file says something else that only a reload reads", () => {
    const present = { fragment: fragment("a", undefined), running: [slot("s1", "a"), slot("s2")] };
    expect(planSlots(present, wantedWith({ hosts: ["other.test"] }, "b"))).toMatchObject({ reshape: false });
    expect(planSlots(present, wantedWith({ sticky: true }, "b"))).toMatchObject({ reshape: true });
    const internal = { port: 20_001, subnets: ["172.18.0.0/16"] };
    expect(planSlots(present, wantedWith({ internal }, "b"))).toMatchObject({ reshape: true });
  });

  it("keeps the slots of all replicas while only some of them serve", () => {
    const present = {
      fragment: fragment("a", "b", undefined, undefined),
      running: [slot("s1", "a"), slot("s2", "b"), slot("s3"), slot("s4")],
    };
    const plan = planSlots(present, { ...wanted("a"), replicas: 2 });
    expect(plan).toMatchObject({ reshape: false, newcomers: [], retiring: ["s2"] });
    expect(planSlots(present, { ...wanted(), replicas: 2 })).toMatchObject({ reshape: false, retiring: ["s1", "s2"] });
  });

  it("treats another port as another container", () => {
    const present = { fragment: fragment("a", undefined), running: [slot("s1", "a"), slot("s2")] };
    const plan = planSlots(present, wantedWith({ port: 9090 }, "a"));
    expect(plan).toMatchObject({ reshape: false, targets: [{ container: "a", slot: "s2" }], retiring: ["s1"] });
    expect(slotsAfter(plan, 9090)[1]).toEqual({ name: "s2", container: "a", port: 9090, checked: true });
  });
});

describe("the plan after a release that was killed", () => {
  const halfway = [slot("s1", "a"), slot("s2", "b", "drain")];

  it("keeps the slot of a container that was being checked", () => {
    const plan = planSlots({ fragment: fragment("a", undefined), running: halfway }, wanted("b"));
    expect(plan).toMatchObject({ reshape: false, targets: [{ container: "b", slot: "s2" }], retiring: ["s1"] });
    expect(leftovers(halfway, ["b"])).toEqual([]);
  });

  it("takes the slot of a container that is no longer wanted", () => {
    const plan = planSlots({ fragment: fragment("a", undefined), running: halfway }, wanted("c"));
    expect(plan).toMatchObject({ reshape: false, targets: [{ container: "c", slot: "s2" }], retiring: ["s1"] });
    expect(leftovers(halfway, ["c"])).toEqual(["s2"]);
  });

  it("switches when the file was written and the process was not told", () => {
    const plan = planSlots({ fragment: fragment(undefined, "b"), running: halfway }, wanted("b"));
    expect(plan).toMatchObject({ reshape: false, targets: [{ container: "b", slot: "s2" }], retiring: ["s1"] });
  });

  it("only drains when the switch was done", () => {
    const running = [slot("s1", "a", "drain"), slot("s2", "b")];
    const plan = planSlots({ fragment: fragment(undefined, "b"), running }, wanted("b"));
    expect(plan).toMatchObject({ reshape: false, newcomers: [], retiring: [] });
    expect(leftovers(running, ["b"])).toEqual(["s1"]);
  });

  it("lets what serves go on serving when the file is gone or damaged", () => {
    const plan = planSlots({ fragment: undefined, running: [slot("s1", "a"), slot("s2")] }, wanted("a"));
    expect(plan).toMatchObject({ reshape: true, targets: [{ container: "a", slot: "s2" }], retiring: ["s1"] });
    expect(plan.slots[0]).toEqual({ name: "s1", container: "a", port: 8080, checked: false });
  });

  it("believes the file when the process has not loaded it", () => {
    const plan = planSlots({ fragment: fragment("a", undefined), running: undefined }, wanted("b"));
    expect(plan).toMatchObject({ reshape: true, targets: [{ container: "b", slot: "s2" }], retiring: ["s1"] });
  });
});
