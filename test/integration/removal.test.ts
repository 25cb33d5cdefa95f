import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDeployedWorkspace, listImages, listLabelled } from "../support/workspace.ts";
import type { Workspace } from "../support/workspace.ts";

describe("pulumi destroy of every stack", () => {
  let workspace: Workspace;

  beforeAll(async () => {
    workspace = await createDeployedWorkspace();
  });

  afterAll(async () => {
    await workspace.remove();
  });

  /** Each container writes a log file of its own into the volume. */
  const logFiles = async () => {
    const [app] = await workspace.docker.listContainers({
      filters: { label: [`slipway.namespace=${workspace.namespace}`, "slipway.role=app"] },
    });
    const { stdout } = await workspace.run("docker", ["exec", app?.Id ?? "none", "ls", "/var/log/website"]);
    expect(stdout).not.toBe("");
    return stdout.split("\n");
  };

  it("leaves the volumes and nothing else, and the next up finds them again", async () => {
    const { docker, namespace, ports } = workspace;
    const logsBefore = await logFiles();
    const dev = await workspace.pulumi("destroy", "--yes", "--skip-preview", "--stack", "dev");
    const platform = await workspace.pulumi("destroy", "--yes", "--skip-preview", "--stack", "platform");

    expect([dev, platform].map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    expect(await listLabelled(docker, namespace)).toEqual([
      `volume ${namespace}-dev-articles`,
      `volume ${namespace}-dev-logs`,
      `volume ${namespace}-platform-registry`,
    ]);
    expect(await listImages(docker, `127.0.0.1:${ports.registry}/`)).toEqual([]);

    await workspace.up("platform");
    await workspace.up("dev");

    expect(await logFiles()).toEqual(expect.arrayContaining(logsBefore));
    expect((await workspace.get("website.dev.localhost", "/fr")).status).toBe(200);
  });
});
