import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { processesIn } from "../support/processes.ts";
import { createDeployedWorkspace } from "../support/workspace.ts";
import type { Workspace } from "../support/workspace.ts";

const SITE = "website.dev.localhost";

/** What is documented for a target that differs from its declaration, however that came about. */
async function recover(workspace: Workspace): Promise<string> {
  const { exitCode, output } = await workspace.pulumi("up", "--refresh", "--yes", "--skip-preview", "--stack", "dev");
  expect(output).toContain("Resources:");
  expect(exitCode).toBe(0);
  return output;
}

describe("an environment that something happened to", () => {
  let workspace: Workspace;

  beforeAll(async () => {
    workspace = await createDeployedWorkspace();
  });

  afterAll(async () => {
    await workspace.remove();
  });

  const labelled = (...labels: string[]) =>
    workspace.docker.listContainers({
      all: true,
      filters: { label: [`slipway.namespace=${workspace.namespace}`, ...labels] },
    });
  const appContainers = () => labelled("slipway.environment=dev", "slipway.role=app");
  const container = async (label: string) => {
    const [found] = await labelled(label);
    return workspace.docker.getContainer(found?.Id ?? "none");
  };
  const expectDeclaredState = async () => {
    expect((await workspace.get(SITE, "/fr")).status).toBe(200);
    expect(await appContainers()).toHaveLength(1);
    const preview = await workspace.pulumi("preview", "--refresh", "--expect-no-changes", "--stack", "dev");
    expect(preview).toMatchObject({ exitCode: 0 });
  };

  it("has its container again after docker rm -f", async () => {
    await (await container("slipway.role=app")).remove({ force: true });
    expect((await workspace.get(SITE, "/fr")).status).toBe(503);

    await recover(workspace);

    await expectDeclaredState();
  });

  it("has its proxy again after docker rm -f, without a deploy of the environment", async () => {
    await (await container("slipway.role=proxy")).remove({ force: true });

    const { exitCode } = await workspace.pulumi("up", "--refresh", "--yes", "--skip-preview", "--stack", "platform");

    expect(exitCode).toBe(0);
    await expectDeclaredState();
  });

  it("is routed again after its configuration was removed from the proxy", async () => {
    const proxy = await container("slipway.role=proxy");
    await execIn(proxy, "rm -f /etc/slipway/services/*.cfg; : > /etc/slipway/hosts.map");
    await proxy.restart();

    await recover(workspace);

    await expectDeclaredState();
  });

  it("loses the container that a killed up has made and could not record", async () => {
    const { Config } = await (await container("slipway.role=app")).inspect();
    const orphan = await workspace.docker.createContainer({ Image: Config.Image, Labels: Config.Labels });
    await orphan.start();
    expect(await appContainers()).toHaveLength(2);

    await recover(workspace);

    await expectDeclaredState();
    await expect(orphan.inspect()).rejects.toThrow("No such container");
  });

  it.each([
    ["while the image is built", "slipway:index:ImageBuild dev-website-image-build updating"],
    ["while the new container is made", "docker:index:Container dev-website-1 creating replacement"],
    ["during the release", "slipway:index:Release dev-website-release updating"],
  ])("comes to the declared state after an up killed %s, which leaves no program or plugin", async (moment, line) => {
    await workspace.edit("examples/website/src/site.ts", (source) =>
      source.replace(/"public, .*?"/, `"public, max-age=0, killed=${moment.replaceAll(" ", "-")}"`),
    );

    await killUpAt(line);
    await expect.poll(leftRunning, { timeout: 30_000 }).toEqual([]);
    expect((await workspace.get(SITE, "/fr")).status).toBe(200);
    await workspace.pulumi("cancel", "--yes", "--stack", "dev");
    await recover(workspace);

    await expectDeclaredState();
    expect((await workspace.get(SITE, "/fr")).headers["cache-control"]).toContain(moment.replaceAll(" ", "-"));
  });

  /** Starts an `up` and kills it with its plugins as soon as it shows a line. */
  async function killUpAt(line: string): Promise<void> {
    const up = spawn("pulumi", ["up", "--yes", "--skip-preview", "--non-interactive", "--stack", "dev"], {
      cwd: workspace.directory,
      env: workspace.env,
      // A process group of its own, which can be killed whole.
      detached: true,
    });
    const ended = once(up, "exit");
    let output = "";
    for await (const chunk of up.stdout) {
      output += String(chunk);
      if (output.includes(line)) break;
    }
    expect(output).toContain(line);
    process.kill(-(up.pid ?? Number.NaN), "SIGKILL");
    expect(await ended).toEqual([null, "SIGKILL"]);
  }

  /** What a killed `up` has left running. The language host looks for its engine every five minutes and ends then. */
  async function leftRunning(): Promise<string[]> {
    const commands = (await processesIn(workspace.directory)).map(({ command }) => command);
    return commands.filter((command) => !/pulumi-language-nodejs|nodejs-host/.test(command));
  }

  async function execIn(target: Awaited<ReturnType<typeof container>>, script: string): Promise<void> {
    const exec = await target.exec({ Cmd: ["sh", "-c", script], User: "0", AttachStdout: true });
    const stream = await exec.start({});
    stream.resume();
    await new Promise((resolve) => stream.on("end", resolve));
  }
});
