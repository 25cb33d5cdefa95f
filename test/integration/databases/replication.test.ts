import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exec } from "../../../provider/engine/exec.ts";
import { createWorkspace } from "../../support/workspace.ts";
import type { CommandResult, Workspace } from "../../support/workspace.ts";
import { containerOf, nodeOf, signIn, sql, writeStack } from "./project.ts";

const ENGINES = [
  { engine: "postgres", program: "shop", server: "main" },
  { engine: "mariadb", program: "blog", server: "texts" },
] as const;

const environment = ({ replicas = 1, synchronous = false } = {}) => `
  services: {
    shop: { ...client("postgres"), database: { at: "main", rights: "owner" } },
    blog: { ...client("mariadb"), database: { at: "texts", rights: "owner" } },
  },
  databases: {
    main: { engine: "postgres", memoryMb: 192, readySeconds: 90, replicas: ${replicas}, synchronous: ${synchronous} },
    texts: { engine: "mariadb", memoryMb: 256, readySeconds: 90, replicas: ${replicas}, synchronous: ${synchronous} },
  },`;

interface Status {
  databases: { nodes: { node: string; role?: string; lagSeconds: number | null; works: boolean; state: string }[] }[];
}

let workspace: Workspace;

beforeAll(async () => {
  workspace = await createWorkspace();
  await writeStack(workspace, "data", environment());
  for (const stack of ["platform", "data"]) await workspace.up(stack);
});

afterAll(() => workspace.remove());

const toolchain = (...args: string[]): Promise<CommandResult> =>
  workspace.run("node", ["toolchain/bootstrap.mjs", ...args]);

async function nodesOf(server: string): Promise<Status["databases"][number]["nodes"]> {
  const { stdout } = await toolchain("status", "-s", "data", "--json");
  const { databases } = JSON.parse(stdout) as Status;
  return databases.flatMap(({ nodes }) => nodes).filter(({ node }) => node.startsWith(`${server}-`));
}

/** What tells a database's data from other data of the same name, as it was recorded last. */
async function dataOf(server: string): Promise<string | undefined> {
  const { stdout } = await workspace.pulumi("stack", "export", "--stack", "data");
  const { deployment } = JSON.parse(stdout) as {
    deployment: { resources: { type: string; outputs?: { database?: string; data?: Record<string, string> } }[] };
  };
  const found = deployment.resources.find(
    ({ type, outputs }) => type === "slipway:index:Database" && outputs?.database === server,
  );
  return found?.outputs?.data?.[server];
}

async function remove(stack: string, node: string): Promise<void> {
  await nodeOf(workspace, stack, node).remove({ force: true });
  await workspace.docker.getVolume(`${workspace.namespace}-${stack}-${node}`).remove();
}

describe.each(ENGINES)("$engine", ({ engine, program, server }) => {
  const client = () => containerOf(workspace, "data", program);
  const run = async (statement: string, host?: string) => sql(await client(), engine, statement, host);
  const reader = "$DATABASE_REPLICA_HOST";
  const count = async (host?: string) => (await run("SELECT count(*) FROM notes", host)).stdout.trim();

  /** Inserts rows until it is stopped; answers with the numbers of those that were acknowledged. */
  async function write(first: number, rows: number): Promise<number[]> {
    const insert = `${signIn(engine)} "INSERT INTO notes VALUES ($i)"`;
    const loop = `i=${first}; while [ $i -lt ${first + rows} ]; do ${insert} >/dev/null 2>&1 && echo $i; i=$((i+1)); done`;
    const { stdout } = await exec(await client(), ["sh", "-c", loop]);
    return stdout.trim().split("\n").map(Number);
  }

  // A promotion is no other data: migrations do not run again after it.
  let data: unknown;

  it("a replica answers readers with what the primary has taken, and takes nothing itself", async () => {
    expect(await run("CREATE TABLE notes (id int PRIMARY KEY)")).toMatchObject({ code: 0 });
    await write(1, 20);

    await expect.poll(() => count(reader), { timeout: 30_000 }).toBe("20");
    const writing = await run("INSERT INTO notes VALUES (0)", reader);
    expect(writing.stderr).toMatch(/read-only/);
    expect(await nodesOf(server)).toMatchObject([
      { node: `${server}-1`, role: "primary", works: true, lagSeconds: null },
      { node: `${server}-2`, role: "replica", works: true },
    ]);
  });

  it("a replica that is lost with its volume is made anew and catches up", async () => {
    await remove("data", `${server}-2`);
    expect(await nodesOf(server)).toMatchObject([{ works: true }, { state: "gone", works: false }]);
    await write(21, 20);

    const { exitCode, output } = await workspace.pulumi(
      "up",
      "--refresh",
      "--yes",
      "--skip-preview",
      "--stack",
      "data",
    );

    expect(output).not.toContain("error:");
    expect(exitCode).toBe(0);
    await expect.poll(() => count(reader), { timeout: 30_000 }).toBe("40");
  });

  it("a promotion while the primary runs loses nothing and says so", async () => {
    data = await dataOf(server);
    const acknowledged = write(1001, 100);
    await expect.poll(async () => Number(await count()), { timeout: 30_000 }).toBeGreaterThan(50);

    const { stdout, exitCode } = await toolchain("promote-replica", "-s", "data", server);

    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      new RegExp(
        `^${server}-2 is the primary of ${server}, after \\d+\\.\\d s without one: no acknowledged row is lost`,
      ),
    );
    const rows = await acknowledged;
    const { stdout: found } = await run("SELECT id FROM notes WHERE id > 1000");
    const ids = found.trim().split("\n").map(Number);
    expect(rows.filter((id) => !ids.includes(id))).toEqual([]);
  });

  it("the next up makes the old primary a replica", async () => {
    await workspace.up("data");

    expect(await nodesOf(server)).toMatchObject([
      { node: `${server}-1`, role: "replica", works: true },
      { node: `${server}-2`, role: "primary", works: true },
    ]);
    await expect.poll(async () => (await count(reader)) === (await count()), { timeout: 30_000 }).toBe(true);
    expect(data).toMatch(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(await dataOf(server)).toBe(data);
  });
});

describe("synchronous", () => {
  beforeAll(async () => {
    await writeStack(workspace, "data", environment({ synchronous: true }));
    await workspace.up("data");
  });

  it.each(ENGINES)("$engine: a primary that is lost with its volume loses no acknowledged row", async (each) => {
    const { engine, program, server } = each;
    const client = await containerOf(workspace, "data", program);
    const insert = `${signIn(engine)} "INSERT INTO notes VALUES ($i)"`;
    const loop = `i=5001; while [ $i -lt 5200 ]; do ${insert} >/dev/null 2>&1 && echo $i; i=$((i+1)); done`;
    const writing = exec(client, ["sh", "-c", loop]);
    const last = async () => Number((await sql(client, engine, "SELECT max(id) FROM notes")).stdout);
    await expect.poll(last, { timeout: 30_000 }).toBeGreaterThan(5020);
    await remove("data", `${server}-2`);

    const { stdout } = await toolchain("promote-replica", "-s", "data", server, "--json");

    expect(JSON.parse(stdout)).toMatchObject({ from: 2, to: 1, canHaveLost: false });
    const acknowledged = (await writing).stdout.trim().split("\n").map(Number);
    const { stdout: found } = await sql(client, engine, "SELECT id FROM notes WHERE id > 5000");
    const ids = found.trim().split("\n").map(Number);
    expect(acknowledged.length).toBeGreaterThan(20);
    expect(acknowledged.filter((id) => !ids.includes(id))).toEqual([]);
  });

  // The second time writes wait for the replica that is lost.
  it.each(["after a promotion", "after its loss"])("an up brings the replica back %s", async (when) => {
    for (const { server } of when === "after its loss" ? ENGINES : []) await remove("data", `${server}-2`);
    const { exitCode } = await workspace.pulumi("up", "--refresh", "--yes", "--skip-preview", "--stack", "data");

    expect(exitCode).toBe(0);
    for (const { server } of ENGINES) {
      expect(await nodesOf(server)).toMatchObject([
        { role: "primary", works: true },
        { role: "replica", works: true },
      ]);
    }
  });
});

it("fewer replicas leave the others as they are, and the log is kept for no one who is gone", async () => {
  await writeStack(workspace, "data", environment({ replicas: 0 }));

  await workspace.up("data");

  for (const { engine, program, server } of ENGINES) {
    expect(await nodesOf(server)).toMatchObject([{ node: `${server}-1`, role: "primary", works: true }]);
    const client = await containerOf(workspace, "data", program);
    expect((await sql(client, engine, "INSERT INTO notes VALUES (9999)")).code).toBe(0);
  }
  const slots = ["psql", "-At", "-c", "SELECT count(*) FROM pg_replication_slots"];
  expect((await exec(nodeOf(workspace, "data", "main-1"), slots)).stdout).toBe("0\n");
});
