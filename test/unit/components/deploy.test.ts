import { expect, it } from "vitest";
import type { DeployContext } from "../../../components/index.ts";
import { mockEngine } from "../../support/mock-engine.ts";

async function contextOf(stack: string): Promise<DeployContext> {
  const { StackReference } = await import("@pulumi/pulumi");
  return {
    ...{ project: "slipway", stack, namespace: "slipway", dockerHost: undefined },
    platform: stack === "platform" ? undefined : new StackReference("platform"),
    images: { haproxy: "haproxy", mariadb: "mariadb", node: "node", postgres: "postgres", registry: "registry" },
    origin: Promise.resolve({ by: "alice", where: "here" }),
    countCommits: () => Promise.resolve(undefined),
    ...{ pins: {}, primaries: {}, packages: {}, abandoned: [] },
    secrets: { configured: {}, directory: undefined, rotations: {} },
  };
}

it("refuses an environment as the stack platform", async () => {
  const registered = await mockEngine();
  const { defineEnvironment, deploy } = await import("../../../components/index.ts");
  const service = { image: `shop@sha256:${"b".repeat(64)}`, port: 80 };
  const environment = defineEnvironment({ domain: "localhost", services: { service } });
  await expect(deploy(environment, await contextOf("platform"))).rejects.toThrow(
    "stack platform: its stack file must declare a platform, got environment; " +
      "a platform is what the stack platform declares, and no other one",
  );
  expect(registered).toEqual([]);
});

it("refuses a platform as any other stack", async () => {
  const registered = await mockEngine();
  const { definePlatform, deploy } = await import("../../../components/index.ts");
  await expect(deploy(definePlatform({ domain: "localhost" }), await contextOf("dev"))).rejects.toThrow(
    "stack dev: its stack file must declare an environment, got platform; " +
      "a platform is what the stack platform declares, and no other one",
  );
  expect(registered).toEqual([]);
});
