import { connect } from "node:tls";
import type { SecureVersion } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findProxy } from "../../../provider/proxy/container.ts";
import { join, leave } from "../../../provider/proxy/networks.ts";
import { reload } from "../../../provider/proxy/reload.ts";
import { Runtime } from "../../../provider/proxy/runtime.ts";
import { openRegistry } from "../../support/registry.ts";
import type { TestRegistry, User } from "../../support/registry.ts";
import { createWorkspace } from "../../support/workspace.ts";
import type { Workspace } from "../../support/workspace.ts";

const UPLOADS = "/v2/team/app/blobs/uploads/";

describe("the registry of a platform", () => {
  let workspace: Workspace;
  let registry: TestRegistry;

  beforeAll(async () => {
    workspace = await createWorkspace();
    await workspace.edit("stacks/platform.ts", (text) => text.replace("domain:", "supervisor: false,\n  domain:"));
    await workspace.up("platform");
    registry = await openRegistry(workspace);
  });

  afterAll(async () => {
    await workspace.remove();
  });

  const statuses = async (user: User) => {
    const asked = [
      registry.ask(user, "/v2/"),
      registry.ask(user, "/v2/_catalog"),
      registry.ask(user, "/v2/team/app/manifests/latest"),
      registry.ask(user, UPLOADS, "POST"),
      registry.ask(user, `/v2/team/app/manifests/sha256:${"0".repeat(64)}`, "DELETE"),
    ];
    return (await Promise.all(asked)).map(({ status }) => status);
  };

  it("lets the one user push, the other pull alone, and anybody else do nothing", async () => {
    expect(await statuses("push")).toEqual([200, 200, 404, 202, 404]);
    expect(await statuses("pull")).toEqual([200, 200, 404, 403, 403]);
    expect(await statuses("wrong")).toEqual([401, 401, 401, 401, 401]);
    expect(await statuses("nobody")).toEqual([401, 401, 401, 401, 401]);
  });

  it("says how to sign in and why it refuses, in the form that engines read", async () => {
    expect(await registry.ask("nobody", "/v2/")).toMatchObject({
      headers: { "www-authenticate": 'Basic realm="slipway"', "docker-distribution-api-version": "registry/2.0" },
      body: { errors: [{ code: "UNAUTHORIZED", message: "wrong user or password for the registry" }] },
    });
    expect(await registry.ask("pull", UPLOADS, "POST")).toMatchObject({
      body: { errors: [{ code: "DENIED", message: "the user slipway-pull may only pull" }] },
    });
  });

  it("takes an engine's push from the one user and its pull from the other", async () => {
    const image = await registry.makeImage("team/app", "v1");
    await expect(registry.push("wrong", image)).rejects.toThrow("wrong user or password for the registry");
    await expect(registry.push("pull", image)).rejects.toThrow("denied: the user slipway-pull may only pull");

    const digest = await registry.push("push", image);
    await expect(registry.pull("wrong", image)).rejects.toThrow("wrong user or password for the registry");
    await registry.pull("pull", `${registry.address}/team/app@${digest}`);

    expect((await workspace.docker.getImage(`${registry.address}/team/app@${digest}`).inspect()).RepoDigests).toEqual([
      `${registry.address}/team/app@${digest}`,
    ]);
  });

  it("speaks TLS 1.2 and 1.3 alone, with a certificate that stands for its address", async () => {
    expect(await protocolOf("TLSv1.3", "TLSv1.3")).toBe("TLSv1.3");
    expect(await protocolOf("TLSv1.2", "TLSv1.2")).toBe("TLSv1.2");
    await expect(protocolOf("TLSv1", "TLSv1.1")).rejects.toThrow(/alert protocol version|no protocols available/);
  });

  /** Verifies chain and host name as well. */
  async function protocolOf(minVersion: SecureVersion, maxVersion: SecureVersion): Promise<string | null> {
    const { ca } = await workspace.outputs("platform");
    // Node itself refuses the old versions unless it is told that their signatures will do.
    const old = minVersion === "TLSv1" ? { ciphers: "DEFAULT@SECLEVEL=0" } : {};
    return new Promise((resolve, reject) => {
      const port = workspace.ports.registry;
      const socket = connect({ host: "127.0.0.1", port, ca: String(ca), minVersion, maxVersion, ...old }, () => {
        resolve(socket.getProtocol());
        socket.destroy();
      });
      socket.on("error", reject);
    });
  }

  it("finishes a push while the proxy reloads", async () => {
    const image = await registry.makeImage("team/large", "v1", 60);
    const proxy = await findProxy(workspace.docker, workspace.namespace);
    if (!proxy) throw new Error("no proxy runs");
    let reloaded: Promise<void> | undefined;
    const said: string[] = [];
    const digest = await registry.push("push", image, ({ status = "" }) => {
      said.push(status);
      if (status === "Pushing") reloaded ??= reload(new Runtime(proxy));
    });
    await reloaded;

    expect(reloaded).toBeInstanceOf(Promise);
    expect(said.filter((status) => status.startsWith("Retrying"))).toEqual([]);
    await registry.pull("pull", `${registry.address}/team/large@${digest}`);
  });

  it("stays reachable while the proxy joins and leaves the network of an environment, whatever its name", async () => {
    const { docker, namespace } = workspace;
    const proxy = (await findProxy(docker, namespace)) ?? expect.fail("no proxy runs");
    const name = `a-${namespace}`;
    await docker.createNetwork({ Name: name, Labels: { "slipway.namespace": namespace } });
    const failed: unknown[] = [];
    let isOver = false;
    const watch = (async () => {
      while (!isOver) await registry.ask("pull", "/v2/").catch((error: unknown) => failed.push(error));
    })();
    for (let round = 0; round < 3; round++) {
      await join(docker, proxy, name);
      await leave(docker, proxy, name);
    }
    isOver = true;
    await watch;
    await docker.getNetwork(name).remove();

    expect(failed).toEqual([]);
  });

  it("takes a push to its end that it was killed in the middle of, and no tag lacks a blob", async () => {
    const image = await registry.makeImage("team/killed", "v1", 60);
    const { State } = await (await registry.container()).inspect();
    let isKilled = false;
    const digest = await registry.push("push", image, ({ status }) => {
      if (status !== "Pushing" || isKilled) return;
      isKilled = true;
      process.kill(State.Pid, "SIGKILL");
    });

    expect((await (await registry.container()).inspect()).RestartCount).toBe(1);
    await registry.pull("pull", `${registry.address}/team/killed@${digest}`);
  });

  it("is unchanged by a second up", async () => {
    const again = await workspace.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes", "--stack", "platform");
    expect(again).toMatchObject({ exitCode: 0 });
    const refreshed = await workspace.pulumi("preview", "--refresh", "--expect-no-changes", "--stack", "platform");
    expect(refreshed).toMatchObject({ exitCode: 0 });
  });
});
