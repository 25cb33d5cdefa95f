import { describe, expect, it } from "vitest";
import { haproxyBaseConfig } from "../../../components/docker/haproxy-config.ts";
import { addressOf, INTERNAL_PORTS, internalPorts } from "../../../components/docker/internal-ports.ts";
import { defineEnvironment } from "../../../components/spec/index.ts";
import { INTERNAL_PORTS as PROVIDER_PORTS } from "../../../provider/release/internal-ports.ts";
import { makeProject } from "../spec/project.ts";

const root = makeProject();
const web = { build: "web", port: 80, health: { path: "/" } };

function portsOf(...names: string[]): Record<string, number> {
  const services = Object.fromEntries(names.map((name) => [name, web]));
  return internalPorts(defineEnvironment({ domain: "dev.localhost", services }, { root }).services);
}

describe("the ports for calls within an environment", () => {
  it("follow from the name alone", () => {
    expect(portsOf("api")).toEqual({ api: portsOf("api", "web").api });
  });

  it("are distinct even where names meet", () => {
    const ports = Object.values(portsOf(...Array.from({ length: 200 }, (_, index) => `s${index}`)));
    expect(new Set(ports).size).toBe(200);
    expect(Math.min(...ports)).toBeGreaterThanOrEqual(20_000);
    expect(Math.max(...ports)).toBeLessThanOrEqual(20_255);
  });

  it("are those that the proxy binds and the provider accepts", () => {
    const last = INTERNAL_PORTS.first + INTERNAL_PORTS.count - 1;
    expect(PROVIDER_PORTS).toEqual({ first: INTERNAL_PORTS.first, last });
    expect(haproxyBaseConfig({ httpsPort: 443 })).toContain(`\n  bind :${INTERNAL_PORTS.first}-${last}\n`);
  });

  it("are for services that answer HTTP; others are reached directly", () => {
    const services = { web, queue: { build: "web", port: 5672 } };
    const environment = defineEnvironment({ domain: "dev.localhost", services }, { root });
    expect(internalPorts(environment.services).queue).toBeUndefined();
    expect(addressOf("dev", { kind: "link", service: "queue", port: 5672 })).toBe("http://queue:5672");
    const address = addressOf("dev", { kind: "link", service: "web", port: 80 }, 20_001);
    expect(address).toBe("http://dev.slipway.internal:20001");
  });
});
