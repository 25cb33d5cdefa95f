import { readFile } from "node:fs/promises";
import { join } from "node:path";
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

  const appContainers = async () => {
    const label = [`slipway.namespace=${workspace.namespace}`, "slipway.role=app"];
    return (await workspace.docker.listContainers({ filters: { label } })).map(({ Id }) => Id);
  };
  const website = "stacks/shared/website.ts";
  const withoutLogs = (text: string) => text.replace(', logs: "/var/log/website"', "").replace(/ {6}logs: .*\n/, "");
  const asPackage = (text: string) => text.replace("logs: {}", 'logs: { package: "examples/website/data" }');

  it.each([
    ["is taken out of the stack file", withoutLogs],
    ["is turned into a package", asPackage],
  ])(
    "comes after a guard: a data volume that %s ends a preview and an up before anything else",
    async (_how, change) => {
      const { namespace } = workspace;
      const [before, original] = [await appContainers(), await readFile(join(workspace.directory, website), "utf8")];
      await workspace.edit(website, change);
      const preview = await workspace.run("npm", ["run", "--silent", "preview", "--", "-s", "dev"]);
      const up = await workspace.pulumi("up", "--yes", "--skip-preview", "--stack", "dev");
      await workspace.edit(website, () => original);

      const fact = `volumes.logs: is no longer declared as data: ${namespace}-dev-logs, 0.0 MB, used by services.website at /var/log/website; `;
      expect(preview.exitCode).toBe(1);
      expect(preview.stdout).toMatch(new RegExp(`^error .*${fact}`));
      expect(up.exitCode).not.toBe(0);
      expect(up.output).toContain(fact);
      expect(up.output).not.toMatch(/ (created|updated|replaced|deleted)/);
      expect(await appContainers()).toEqual(before);
    },
  );

  it("leaves the volumes and nothing else, and the next up finds them again", async () => {
    const { docker, namespace, ports } = workspace;
    const logsBefore = await logFiles();
    const dev = await workspace.pulumi("destroy", "--yes", "--skip-preview", "--stack", "dev");
    const platform = await workspace.pulumi("destroy", "--yes", "--skip-preview", "--stack", "platform");

    expect([dev, platform].map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    expect(dev.output).toContain(
      `the data stays on the engine, and the next up finds it: docker volume rm ${namespace}-dev-logs removes it for good`,
    );
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

  it("is npm run destroy with the name of each volume that goes as well", async () => {
    const { docker, namespace } = workspace;
    const destroy = (...args: string[]) =>
      workspace.run("npm", ["run", "--silent", "destroy", "--", "-s", "dev", ...args]);
    const unsaid = await destroy();
    const unknown = await destroy("--remove-data", "log");
    expect([unsaid.exitCode, unknown.exitCode]).toEqual([2, 2]);
    expect(unsaid.output).toContain("error dev is none of a review, and nothing is said of its data: articles, logs\n");
    expect(unknown.output).toContain('error --remove-data: dev has no volume "log"; nothing was touched\n');
    expect(await appContainers()).toHaveLength(1);

    const destroyed = await destroy("--remove-data", "logs");

    expect(destroyed.exitCode).toBe(0);
    expect(destroyed.output).toMatch(
      new RegExp(`${namespace}-dev-logs is removed\\.\n${namespace}-dev-articles stays\\.$`),
    );
    const { Volumes: volumes } = await docker.listVolumes({
      filters: { label: ["slipway.environment=dev", `slipway.namespace=${namespace}`] },
    });
    expect(volumes.map(({ Name }) => Name)).toEqual([`${namespace}-dev-articles`]);
  });
});
