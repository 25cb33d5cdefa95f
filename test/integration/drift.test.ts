import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDeployedWorkspace } from "../support/workspace.ts";
import type { CommandResult, Workspace } from "../support/workspace.ts";

interface Drift {
  differences: { what: string; how: string; cause: string }[];
}

describe("npm run drift", () => {
  let workspace: Workspace;

  const npm = (...args: string[]): Promise<CommandResult> => workspace.run("npm", ["run", "--silent", ...args]);
  const drift = async () => {
    const { stdout, exitCode } = await npm("drift", "--", "-s", "dev", "--json");
    const { differences } = JSON.parse(stdout) as Drift;
    return { exitCode, differences: differences.map(({ what, how, cause }) => [what, how, cause]) };
  };
  const app = async () => {
    const filters = { label: [`slipway.namespace=${workspace.namespace}`, "slipway.role=app"] };
    const [container] = await workspace.docker.listContainers({ all: true, filters });
    return workspace.docker.getContainer(container?.Id ?? "none");
  };
  const mend = () => workspace.pulumi("up", "--refresh", "--yes", "--skip-preview", "--stack", "dev");

  beforeAll(async () => {
    workspace = await createDeployedWorkspace();
  });

  afterAll(async () => {
    await workspace.remove();
  });

  it("finds nothing where all that runs is as declared", async () => {
    const { stdout, exitCode } = await npm("drift", "--", "-s", "dev");

    expect([stdout, exitCode]).toEqual(["✔ Stack dev: all that runs is as declared", 0]);
  });

  it("names a container that was removed by hand, and ends with 2", async () => {
    await (await app()).remove({ force: true });

    const { stdout, exitCode } = await npm("drift", "--", "-s", "dev");
    await mend();

    expect(exitCode).toBe(2);
    expect(stdout).toMatch(/^container dev-website-1 +is missing +changed since it was deployed$/m);
    expect(stdout).toMatch(/^✖ Stack dev: 2 differences; `pulumi up --refresh -s dev` brings what is declared$/m);
  });

  it("names a container that was stopped, and one that got other limits", async () => {
    const container = await app();
    await container.update({ Memory: 96 * 2 ** 20, MemorySwap: 96 * 2 ** 20 });
    await container.stop();

    const found = await drift();
    await mend();

    expect(found).toEqual({
      exitCode: 2,
      differences: [
        ["container dev-website-1", "memory 96 → 128, memorySwap 96 → 128, mustRun", "changed since it was deployed"],
      ],
    });
  });

  it("tells what the declaration is ahead of from what was changed by hand", async () => {
    await (await app()).stop();
    await workspace.edit("stacks/shared/website.ts", (text) => text.replace("logs: {},", "logs: {}, drafts: {},"));

    const found = await drift();

    expect(found).toEqual({
      exitCode: 2,
      differences: [
        ["volume dev-drafts-volume", "is missing", "not deployed yet"],
        ["container dev-website-1", "mustRun", "changed since it was deployed"],
      ],
    });
  });

  it("tells only of what was changed by hand when it is asked for", async () => {
    const changed = await npm("drift", "--", "-s", "dev", "--deployed");
    await (await app()).start();
    const same = await npm("drift", "--", "-s", "dev", "--deployed");

    expect(changed.exitCode).toBe(2);
    expect(changed.stdout).not.toContain("not deployed yet");
    expect([same.stdout, same.exitCode]).toEqual(["✔ Stack dev: all that runs is as deployed", 0]);
  });

  it("shows in a preview what a change puts at risk before all else", async () => {
    await mend();
    await workspace.edit("stacks/shared/website.ts", (text) =>
      text.replace("logs: {}, drafts: {},", "").replace(', logs: "/var/log/website"', ""),
    );

    const refused = await npm("preview", "--", "-s", "dev");
    for (const [index, place] of ["volumes.drafts", "volumes.logs"].entries()) {
      await workspace.pulumi("config", "set", "--path", `slipway:abandon[${index}]`, place, "--stack", "dev");
    }
    const { stdout, exitCode } = await npm("preview", "--", "-s", "dev", "--out", "preview.json");

    expect(refused.exitCode).toBe(1);
    expect(refused.output).toMatch(
      /volumes\.drafts: is no longer declared as data.*\n.*volumes\.logs: is no longer declared/,
    );
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /^Data at risk\n( {2}volume dev-(drafts|logs)-volume leaves the stack; its data stays on the engine\n){2}\nReplaced\n {2}container dev-website-1: volumes\n/m,
    );
    const written = JSON.parse(await readFile(join(workspace.directory, "preview.json"), "utf8")) as object;
    expect(written).toMatchObject({ stack: "dev", succeeded: true, changes: { length: 4 } });
  });

  it("fails, as the preview does, on a declaration that has a fault", async () => {
    await workspace.edit("stacks/dev.ts", (text) => text.replace("domain:", "domian:"));

    const drifted = await npm("drift", "--", "-s", "dev");
    const previewed = await npm("preview", "--", "-s", "dev");

    expect([drifted.exitCode, previewed.exitCode]).toEqual([1, 1]);
    for (const { output } of [drifted, previewed]) expect(output).toContain("domian: is no setting of an environment");
    expect(previewed.stdout).toMatch(/\nStack dev: the preview failed$/);
  });

  it("fails on a stack that is not there", async () => {
    const { output, exitCode } = await npm("drift", "--", "-s", "nowhere");

    expect(exitCode).toBe(1);
    expect(output).toContain("error --stack: cannot preview stack \"nowhere\": error: no stack named 'nowhere' found");
  });
});
