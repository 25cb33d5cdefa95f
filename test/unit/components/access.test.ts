import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { allRegistered, find, mockEngine, valueOf } from "../../support/mock-engine.ts";
import { PLATFORM } from "../../support/platform-access.ts";

const DIGEST = `sha256:${"b".repeat(64)}`;
const hash = (credentials: string) =>
  createHash("sha256")
    .update(`Basic ${Buffer.from(credentials).toString("base64")}`)
    .digest("hex");

async function deploy(secrets: Record<string, string>) {
  const registered = await mockEngine();
  const pulumi = await import("@pulumi/pulumi");
  const { Environment } = await import("../../../components/environment.ts");
  const { defineEnvironment, generated, secret } = await import("../../../components/index.ts");
  const users = { alice: secret("alicePassword"), bob: generated("bob") };
  const routes = ["shop", { at: "shop/admin", users, allow: ["10.0.0.0/8"], maxBodyMb: 2 }];
  const shop = { image: `shop@${DIGEST}`, port: 80, health: { path: "/" }, routes };
  const environment = new Environment("dev", {
    spec: defineEnvironment({ domain: "dev.localhost", services: { shop } }),
    namespace: "slipway",
    platform: PLATFORM,
    helperImage: "haproxy:3.2",
    pins: {},
    secrets: {
      configured: Object.fromEntries(Object.entries(secrets).map(([name, value]) => [name, pulumi.secret(value)])),
      directory: undefined,
      rotations: {},
    },
  });
  await allRegistered();
  return { registered, environment };
}

describe("the rules of a route", () => {
  it("reach the release with hashes in the place of passwords, as a secret", async () => {
    const { registered } = await deploy({ alicePassword: "correct horse" });
    const { inputs, secrets } = find(registered, "slipway:index:Release", "dev-shop-release");
    expect(inputs.rules).toEqual([
      { at: "shop.dev.localhost" },
      {
        at: "shop.dev.localhost/admin",
        allow: ["10.0.0.0/8"],
        maxBodyMb: 2,
        users: { alice: [hash("alice:correct horse")], bob: [hash("bob:dev-bob-password-result")] },
      },
    ]);
    expect(secrets).toEqual(["rules"]);
  });

  it("make the passwords that are to be generated, and tell them", async () => {
    const { registered, environment } = await deploy({ alicePassword: "correct horse" });
    expect(find(registered, "random:index/randomPassword:RandomPassword", "dev-bob-password").inputs).toEqual({
      length: 32,
      special: false,
    });
    expect(Object.keys(environment.passwords)).toEqual(["bob"]);
    expect(await valueOf(environment.passwords.bob ?? expect.fail())).toBe("dev-bob-password-result");
  });

  it("are refused before anything is registered where a secret is not set", async () => {
    await expect(deploy({ other: "x" })).rejects.toThrow(
      'secret("alicePassword"): must be set for stack dev, got nothing; ' +
        "pulumi config set --secret --path 'slipway:secrets.alicePassword' -s dev asks for it",
    );
  });
});
