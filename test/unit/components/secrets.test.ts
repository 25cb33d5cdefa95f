import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { generated, secret, secretFile } from "../../../components/index.ts";
import type { SecretSources } from "../../../components/secrets.ts";
import { allRegistered, find, mockEngine } from "../../support/mock-engine.ts";
import { PLATFORM } from "../../support/platform-access.ts";

const DIGEST = `sha256:${"b".repeat(64)}`;
const PASSWORD = "random:index/randomPassword:RandomPassword";
const CONTAINER = "docker:index/container:Container";
const base64 = (text: string) => Buffer.from(text).toString("base64");
const directory = mkdtempSync(join(tmpdir(), "slipway-secrets-"));
writeFileSync(join(directory, "tls.key"), "line 1\nline 2\n");

afterAll(() => {
  rmSync(directory, { recursive: true });
});

async function deploy(sources: Partial<SecretSources> = {}) {
  const registered = await mockEngine();
  const pulumi = await import("@pulumi/pulumi");
  const { Environment } = await import("../../../components/environment.ts");
  const { defineEnvironment } = await import("../../../components/index.ts");
  const shop = {
    image: `shop@${DIGEST}`,
    env: { TOKEN: secret("token"), KEY: secretFile("tls.key"), PLAIN: "text" },
    secrets: { api: generated("api"), "tls.key": secretFile("tls.key") },
  };
  const nightly = { service: "shop", schedule: "0 3 * * *", secrets: { token: secret("token") } };
  new Environment("dev", {
    spec: defineEnvironment({ domain: "dev.localhost", services: { shop }, jobs: { nightly } }),
    namespace: "slipway",
    platform: PLATFORM,
    helperImage: "haproxy:3.2",
    pins: {},
    secrets: { configured: { token: pulumi.secret("t0ken") }, directory, rotations: {}, ...sources },
  });
  await allRegistered();
  return registered;
}

describe("the secrets of a program", () => {
  it("reach its environment variables, which are a secret then", async () => {
    const { inputs, secrets } = find(await deploy(), CONTAINER, "dev-shop-1");
    expect(inputs.envs).toEqual([
      ...["KEY=line 1\nline 2", "PLAIN=text"],
      ...["SLIPWAY_ENVIRONMENT=dev", "SLIPWAY_SERVICE=shop", "SLIPWAY_VERSION=bbbbbbbbbbbb", "TOKEN=t0ken"],
    ]);
    expect(secrets).toEqual(["envs"]);
  });

  it("reach a volume of its own byte by byte, which it sees below /run/secrets", async () => {
    const registered = await deploy();
    const { inputs, secrets } = find(registered, "slipway:index:SecretFiles", "dev-shop-secrets");
    expect(inputs).toEqual({
      namespace: "slipway",
      environment: "dev",
      owner: "dev-shop",
      files: { api: base64("dev-api-password-result"), "tls.key": base64("line 1\nline 2\n") },
      helperImage: "haproxy:3.2",
    });
    expect(secrets).toEqual(["files"]);
    expect(find(registered, CONTAINER, "dev-shop-1").inputs.volumes).toEqual([
      { containerPath: "/run/secrets", volumeName: "slipway-dev-shop-secrets-1a2b3c4", readOnly: true },
    ]);
  });

  it("reach a job as well, and no other program", async () => {
    const registered = await deploy();
    expect(find(registered, "slipway:index:SecretFiles", "dev-nightly-secrets").inputs.files).toEqual({
      token: base64("t0ken"),
    });
    expect(find(registered, CONTAINER, "dev-nightly-container").inputs.volumes).toEqual([
      { containerPath: "/run/secrets", volumeName: "slipway-dev-nightly-secrets-1a2b3c4", readOnly: true },
    ]);
  });

  it("have two values while a rotation is not finished", async () => {
    const registered = await deploy({ rotations: { api: { generation: 2, keepsPrevious: true } } });
    expect(find(registered, "slipway:index:SecretFiles", "dev-shop-secrets").inputs.files).toEqual({
      api: base64("dev-api-password-2-result"),
      "api.previous": base64("dev-api-password-1-result"),
      "tls.key": base64("line 1\nline 2\n"),
    });
  });

  it("have the new one alone when it is finished", async () => {
    const registered = await deploy({ rotations: { api: { generation: 2, keepsPrevious: false } } });
    expect(registered.filter(({ type }) => type === PASSWORD).map(({ name }) => name)).toEqual(["dev-api-password-2"]);
  });

  it("are refused all at once where they cannot be had, and nothing is registered", async () => {
    const rotations = { old: { generation: 1, keepsPrevious: true } };
    await expect(deploy({ configured: {}, directory: "/nowhere", rotations })).rejects.toThrow(
      'secret("token"): must be set for stack dev, got nothing; ' +
        "pulumi config set --secret --path 'slipway:secrets.token' -s dev asks for it\n" +
        'secretFile("tls.key"): must be a file that can be read, got /nowhere/tls.key (ENOENT); ' +
        "put it on the machine that deploys, readable for the user who does\n" +
        "slipway:rotations: old: no such generated secret; there are: api",
    );
  });

  it.each([
    [
      undefined,
      'secretFile("tls.key"): must have a directory to be read from, got none; pulumi config set --plaintext',
    ],
    [process.cwd(), "slipway:secretsDirectory: must be an absolute path outside of the project, got /"],
    [join(process.cwd(), "secrets"), "slipway:secretsDirectory: must be an absolute path outside of the project"],
    ["secrets", "slipway:secretsDirectory: must be an absolute path outside of the project, got secrets; a secret in"],
  ])("are not read from %s", async (where, message) => {
    await expect(deploy({ directory: where })).rejects.toThrow(message);
  });
});
