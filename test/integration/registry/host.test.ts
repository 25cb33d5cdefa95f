import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OWN_ADDRESS, startOwnEngine } from "../../support/own-engine.ts";
import type { OwnEngine } from "../../support/own-engine.ts";
import { openRegistry } from "../../support/registry.ts";
import type { TestRegistry } from "../../support/registry.ts";
import { createWorkspace } from "../../support/workspace.ts";
import type { Workspace } from "../../support/workspace.ts";

const { SLIPWAY_IMAGE_HAPROXY = "", SLIPWAY_IMAGE_REGISTRY = "" } = process.env;
const HOST = "registry.example.org";

describe("a registry with a host of its own", () => {
  let engine: OwnEngine;
  let workspace: Workspace;
  let registry: TestRegistry;

  beforeAll(async () => {
    engine = await startOwnEngine([HOST]);
    await engine.load(SLIPWAY_IMAGE_HAPROXY, SLIPWAY_IMAGE_REGISTRY);
    process.env.DOCKER_HOST = engine.host;
    workspace = await createWorkspace();
    await workspace.edit("stacks/platform.ts", (text) => text.replace("domain:", "supervisor: false,\n  domain:"));
    await workspace.initStack("platform");
    await workspace.pulumi("config", "set", "slipway:registryHost", HOST, "--stack", "platform");
    await workspace.up("platform");
    registry = await openRegistry(workspace);
    await writeFile(join(workspace.directory, "ca.pem"), String((await workspace.outputs("platform")).ca));
  });

  afterAll(async () => {
    await workspace.remove();
    await engine.remove();
  });

  /** Status and headers of an answer, asked where the engine's ports are, trusting the platform's authority alone. */
  const curl = (...args: string[]) => {
    const { https } = workspace.ports;
    const place = ["--resolve", `${HOST}:${https}:${OWN_ADDRESS}`, `https://${HOST}:${https}/v2/`];
    const trust = ["--cacert", join(workspace.directory, "ca.pem")];
    return engine.run("curl", ["--silent", "--output", "/dev/null", "--dump-header", "-", ...trust, ...args, ...place]);
  };
  const trusted = async () => {
    const [daemon = ""] = (await readFile(join(engine.host.slice("unix://".length), "../pid"), "utf8")).split("\n");
    return join("/proc", daemon, "root/etc/docker/certs.d", registry.address, `slipway-${workspace.namespace}.crt`);
  };

  it("is reached by its name on the port for HTTPS, whose certificate stands for it", async () => {
    const { https } = workspace.ports;
    expect(registry.address).toBe(`${HOST}:${https}`);
    const [status, ...headers] = (await curl()).trim().split(/\r?\n/);

    expect(status).toMatch(/^HTTP\/2 401/);
    expect(headers).toContain("strict-transport-security: max-age=63072000");
    expect(headers).toContain('www-authenticate: Basic realm="slipway"');
    await expect(curl("--tls-max", "1.1")).rejects.toThrow(/curl/);
  });

  it("is trusted by the engine, which pushes with the one user and pulls with the other", async () => {
    const image = await registry.makeImage("team/app", "v1");
    const digest = await registry.push("push", image);
    await registry.pull("pull", `${registry.address}/team/app@${digest}`);
    await expect(registry.push("pull", image)).rejects.toThrow("denied: the user slipway-pull may only pull");
    expect(await readFile(await trusted(), "utf8")).toContain("BEGIN CERTIFICATE");
  });

  it("is trusted again after a refresh when that was forgotten", async () => {
    await writeFile(await trusted(), "");
    const image = await registry.makeImage("team/app", "v2");
    await expect(registry.push("push", image)).rejects.toThrow(/x509|certificate/);

    const { exitCode } = await workspace.pulumi("up", "--refresh", "--yes", "--skip-preview", "--stack", "platform");
    expect(exitCode).toBe(0);
    expect(await registry.push("push", image)).toMatch(/^sha256:/);
    const again = await workspace.pulumi("preview", "--refresh", "--expect-no-changes", "--stack", "platform");
    expect(again).toMatchObject({ exitCode: 0 });
  });

  it("says what to do when the engine does not find its host", async () => {
    await workspace.pulumi("config", "set", "slipway:registryHost", "nowhere.invalid", "--stack", "platform");
    const { exitCode, output } = await workspace.pulumi("up", "--yes", "--skip-preview", "--stack", "platform");

    expect(exitCode).not.toBe(0);
    expect(output).toContain(`the engine cannot sign in to the registry at nowhere.invalid:${workspace.ports.https}: `);
    expect(output).toContain("Its machine has to resolve that name to the proxy's");
    await workspace.pulumi("config", "set", "slipway:registryHost", HOST, "--stack", "platform");
    await workspace.up("platform");
  });

  it("leaves no trust behind", async () => {
    const file = await trusted();
    const { exitCode } = await workspace.pulumi("destroy", "--yes", "--skip-preview", "--stack", "platform");

    expect(exitCode).toBe(0);
    await expect(readFile(file)).rejects.toThrow("ENOENT");
  });
});
