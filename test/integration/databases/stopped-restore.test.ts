import { execa } from "execa";
import { afterAll, beforeAll, expect, it } from "vitest";
import { exec } from "../../../provider/engine/exec.ts";
import { looseContainers } from "../../support/loose-containers.ts";
import { createWorkspace } from "../../support/workspace.ts";
import type { Workspace } from "../../support/workspace.ts";
import { containerOf, nodeOf, sql, writeStack } from "./project.ts";

const FILL = `CREATE TABLE words (id int PRIMARY KEY, line text);
  INSERT INTO words SELECT n, md5(n::text) FROM generate_series(1, 20000) n;`;

let workspace: Workspace;

beforeAll(async () => {
  workspace = await createWorkspace();
  await writeStack(
    workspace,
    "stop",
    `services: { shop: { ...client("postgres"), database: { at: "main", rights: "owner" } } },
    databases: {
      main: { engine: "postgres", memoryMb: 192, backup: { schedule: "0 3 * * *", prove: false, pointInTime: true } },
    },`,
  );
  for (const stack of ["platform", "stop"]) await workspace.up(stack);
});

afterAll(async () => {
  await workspace.remove();
});

it("no container is open, those of databases, jobs and backups among them", async () => {
  expect(await looseContainers(workspace)).toEqual([]);
});

it("a restore that is stopped in the middle leaves the database as it was, and nothing beside it", async () => {
  const shop = await containerOf(workspace, "stop", "shop");
  expect(await sql(shop, "postgres", FILL)).toMatchObject({ code: 0 });
  const backup = await workspace.run("npm", ["run", "--silent", "backup", "--", "-s", "stop"]);
  expect(backup.exitCode, backup.output).toBe(0);
  await sql(shop, "postgres", "DELETE FROM words WHERE id > 7");

  const restoring = execa("npm", ["run", "--silent", "restore", "--", "-s", "stop", "main"], {
    ...{ cwd: workspace.directory, env: workspace.env, extendEnv: false, reject: false, all: true },
    detached: true,
  });
  await expect.poll(databases, { timeout: 30_000, interval: 50 }).toContain("main_restore");
  // To all of its processes, as a terminal does it.
  process.kill(-(restoring.pid ?? Number.NaN), "SIGINT");
  const { all, exitCode } = await restoring;

  expect(all).toContain("could not be restored: stopped by SIGINT");
  expect(all).toContain("main is as it was");
  expect(exitCode).not.toBe(0);
  expect((await sql(shop, "postgres", "SELECT count(*) FROM words")).stdout).toBe("7\n");
  expect(await databases()).not.toContain("main_restore");
  expect(await helpers()).toEqual([]);
});

async function databases(): Promise<string[]> {
  const query = ["psql", "-XAt", "-d", "postgres", "-c", "SELECT datname FROM pg_database"];
  return (await exec(nodeOf(workspace, "stop", "main-1"), query)).stdout.split("\n");
}

async function helpers(): Promise<string[]> {
  const label = [`slipway.namespace=${workspace.namespace}`, "slipway.role=helper"];
  return (await workspace.docker.listContainers({ all: true, filters: { label } })).map(({ Id }) => Id);
}
