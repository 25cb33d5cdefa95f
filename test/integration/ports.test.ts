import { afterAll, beforeAll, describe, expect, it } from "vitest";
import getPort from "get-port";
import { createBareRepository } from "../support/bare-repository.ts";
import { request } from "../support/request.ts";
import { createWorkspace } from "../support/workspace.ts";
import type { CommandResult, Workspace } from "../support/workspace.ts";

describe("without wildcard DNS", () => {
  let workspace: Workspace;
  let first: number;
  /** Ports of the environments by branch. */
  const ports: Record<string, number> = {};

  const npm = (...args: string[]): Promise<CommandResult> => workspace.run("npm", ["run", "--silent", ...args]);
  const statusAt = async (port: number) => {
    const authority = String((await workspace.outputs("platform")).ca);
    return (await request({ host: "localhost", port, path: "/fr", authority })).status;
  };

  beforeAll(async () => {
    workspace = await createWorkspace();
    await createBareRepository(workspace);
    await workspace.configure("review");
    first = await twoFreePorts();
    await workspace.initStack("platform");
    const range = `${first}-${first + 1}`;
    await workspace.pulumi("config", "set", "slipway:environmentPorts", range, "--stack", "platform");
    await workspace.up("platform");
  });

  afterAll(async () => {
    await workspace.remove();
  });

  it("each review environment has a port of the machine's own name, also of two that begin at once", async () => {
    await Promise.all(
      ["a", "b"].map(async (branch) => {
        const { output } = await npm("review", "--", branch);
        ports[branch] = Number(/\n {2}https:\/\/localhost:(\d+)\/$/.exec(output)?.[1]);
      }),
    );

    expect(Object.values(ports).sort()).toEqual([first, first + 1]);
    expect([await statusAt(first), await statusAt(first + 1)]).toEqual([200, 200]);
    expect(await statusAt(workspace.ports.https)).toBe(404);
  });

  it("it keeps its port when it is deployed again", async () => {
    const { output } = await npm("review", "--", "b");

    expect(output).toMatch(new RegExp(`\n {2}https://localhost:${Number(ports.b)}/$`));
    expect(output).not.toMatch(/created|replaced|deleted/);
  });

  it("one more than there are ports is refused, and the others serve on", async () => {
    const { output, exitCode } = await npm("review", "--", "c");

    expect(exitCode).toBe(1);
    expect(output).toContain(`error all ports for environments are taken, ${first} to ${first + 1}\n`);
    expect([await statusAt(first), await statusAt(first + 1)]).toEqual([200, 200]);
  });

  it("a port is free again when its environment is gone", async () => {
    await npm("destroy", "--", "--branch", "a");

    const port = Number(ports.a);
    expect(await statusAt(port)).toBe(404);
    expect((await npm("review", "--", "c")).output).toMatch(new RegExp(`\n {2}https://localhost:${port}/$`));
    expect(await statusAt(port)).toBe(200);
  });

  it("a port that the platform does not publish is refused", async () => {
    await workspace.edit("stacks/dev.ts", (text) =>
      text
        .replace(/domain: .*/, 'domain: "localhost",\n  port: 9000,')
        .replace("replicas: 1", 'replicas: 1, route: "@"'),
    );
    await workspace.initStack("dev");
    const { output, exitCode } = await workspace.pulumi("preview", "--stack", "dev");

    expect(exitCode).not.toBe(0);
    const known = `from ${first} to ${first + 1}, which the platform has for environments`;
    expect(output).toContain(`port: must be ${known}, got 9000; pulumi config set slipway:environmentPorts`);
  });
});

/** The first of two ports that nobody has, below those that the system gives away. */
async function twoFreePorts(): Promise<number> {
  for (let port = 30_100; port < 31_000; port += 2) {
    if ((await getPort({ port })) === port && (await getPort({ port: port + 1 })) === port + 1) return port;
  }
  throw new Error("there are no two free ports in a row");
}
