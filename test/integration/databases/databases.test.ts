import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type Docker from "dockerode";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exec } from "../../../provider/engine/exec.ts";
import { createWorkspace } from "../../support/workspace.ts";
import type { Workspace } from "../../support/workspace.ts";
import { containerOf, nodeOf, signIn, sql, writeStack } from "./project.ts";

const ENGINES = [
  {
    engine: "postgres",
    program: "shop",
    server: "main",
    kill: "kill -9 $(head -n 1 /var/lib/postgresql/data/pgdata/postmaster.pid)",
  },
  { engine: "mariadb", program: "blog", server: "texts", kill: "kill -9 $(cat /run/mysqld/mysqld.pid)" },
] as const;

/** Asks the database and tells how it went. */
const tick = (engine: "postgres" | "mariadb") => `${signIn(engine)} "SELECT 1" >/dev/null && echo ok || echo failed`;

const environment = (changes = "") => `
  services: {
    shop: {
      ...client("postgres"), database: "main", env: { TICK: ${JSON.stringify(tick("postgres"))} }, before: ["shop-migrate"],
    },
    "shop-schema": { ...client("postgres"), database: { at: "main", rights: "owner" } },
    "shop-reader": { ...client("postgres"), database: { at: "main", rights: "read" } },
    blog: { ...client("mariadb"), database: "texts", env: { TICK: ${JSON.stringify(tick("mariadb"))} } },
    "blog-schema": { ...client("mariadb"), database: { at: "texts", rights: "owner" } },
    "blog-reader": { ...client("mariadb"), database: { at: "texts", rights: "read" } },
  },
  jobs: {
    "shop-migrate": { service: "shop", command: ["echo", "migrated"], database: "main" },
    "shop-audit": { service: "shop", schedule: "0 3 * * *", database: "main/audit" },
    "blog-audit": { service: "blog", schedule: "0 3 * * *", database: "texts/audit" },
  },
  databases: {
    main: { engine: "postgres", memoryMb: 192, readySeconds: 60 ${changes} },
    texts: { engine: "mysql", memoryMb: 256, readySeconds: 60 },
  },`;

/** A resource, as a stack's state records it. */
interface Recorded {
  type: string;
  inputs?: { data?: unknown };
  outputs?: { data?: unknown };
}

let workspace: Workspace;

beforeAll(async () => {
  workspace = await createWorkspace();
  await writeStack(workspace, "data", environment());
  for (const stack of ["platform", "data"]) await workspace.up(stack);
  for (const { engine, program } of ENGINES) {
    const owner = await client(`${program}-schema`);
    await sql(owner, engine, "CREATE TABLE notes (id int PRIMARY KEY, line text)");
    await sql(owner, engine, "INSERT INTO notes VALUES (1, 'one')");
  }
});

afterAll(() => workspace.remove());

/** What a container prints from now on, as far as it has. */
function follow(container: Docker.Container): () => string {
  let printed = "";
  const since = Math.floor(Date.now() / 1000);
  void container.logs({ follow: true, stdout: true, stderr: true, since }).then((stream) =>
    stream.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
    }),
  );
  return () => printed;
}

const client = (program: string) => containerOf(workspace, "data", program);

/** So far that writing is not over when the server is killed. */
const LAST_ROW = 5000;

describe.each(ENGINES)("$engine", ({ engine, program, server, kill }) => {
  const run = async (who: string, statement: string) => sql(await client(who), engine, statement);

  it("gives each program a login with its own rights", async () => {
    expect(await run(program, "INSERT INTO notes VALUES (2, 'two')")).toMatchObject({ code: 0 });
    const reading = await run(`${program}-reader`, "SELECT line FROM notes WHERE id < 100 ORDER BY id");
    expect(reading).toMatchObject({ code: 0, stdout: "one\ntwo\n" });

    const creation = await run(program, "CREATE TABLE mine (id int)");
    expect(creation.code).not.toBe(0);
    expect(creation.stderr).toMatch(/permission denied for schema public|CREATE command denied to user 'blog'/);
    const writing = await run(`${program}-reader`, "INSERT INTO notes VALUES (3, 'three')");
    expect(writing.code).not.toBe(0);
    expect(writing.stderr).toMatch(/read-only transaction|INSERT command denied to user 'blog-reader'/);
  });

  it("shows no password in environments, labels, commands or the plain state", async () => {
    const passwords = Object.values((await workspace.outputs("data")).passwords as Record<string, string>);
    const containers = await workspace.docker.listContainers({
      all: true,
      filters: { label: [`slipway.namespace=${workspace.namespace}`] },
    });
    const inspected = await Promise.all(containers.map(({ Id }) => workspace.docker.getContainer(Id).inspect()));
    const { stdout: state } = await workspace.pulumi("stack", "export", "--stack", "data");
    const seen = JSON.stringify(inspected) + state;

    expect(passwords).toHaveLength(13);
    expect(passwords.filter((password) => seen.includes(password))).toEqual([]);
  });

  it("loses no acknowledged row when it is killed, and starts again by itself", async () => {
    const writer = await client(program);
    const insert = `${signIn(engine)} "INSERT INTO notes VALUES ($i, 'killed')"`;
    // What is printed has been acknowledged. It ends 50 rows after the first that was refused, or as nothing was killed.
    const write = `if ${insert} >/dev/null 2>&1; then echo $i; else refused=1; fi`;
    const loop = `i=100 left=50; while [ $left -gt 0 ] && [ $i -lt ${LAST_ROW} ]; do i=$((i+1)); ${write}; left=$((left-refused)); done`;
    const writing = exec(writer, ["sh", "-c", loop]);
    await expect
      .poll(async () => Number((await run(program, "SELECT count(*) FROM notes")).stdout), { timeout: 30_000 })
      .toBeGreaterThan(20);

    await exec(nodeOf(workspace, "data", `${server}-1`), ["sh", "-c", kill]);

    const acknowledged = (await writing).stdout.trim().split("\n").map(Number);
    await expect.poll(async () => (await run(program, "SELECT 1")).stdout, { timeout: 30_000 }).toBe("1\n");
    const { stdout } = await run(program, "SELECT id FROM notes WHERE id > 100");
    const found = stdout.trim().split("\n").map(Number);
    expect(acknowledged.filter((id) => !found.includes(id))).toEqual([]);
    // Some were refused meanwhile, or nothing was killed.
    expect(acknowledged.length).toBeLessThan(LAST_ROW - 100);
    expect((await nodeOf(workspace, "data", `${server}-1`).inspect()).RestartCount).toBe(1);
  });
});

it("drift names what somebody has removed by hand, and an up with refresh puts it back", async () => {
  const [main, texts] = [nodeOf(workspace, "data", "main-1"), nodeOf(workspace, "data", "texts-1")];
  const { NetworkSettings } = await main.inspect();
  const network = workspace.docker.getNetwork(Object.keys(NetworkSettings.Networks)[0] ?? "none");
  const removed = [
    await exec(main, ["psql", "-X", "-c", "DROP DATABASE audit WITH (FORCE)", "-c", 'DROP ROLE "shop-reader"']),
    await exec(texts, ["mariadb", "-e", "DROP DATABASE audit; DROP USER 'blog-reader'@'%'"]),
  ];
  await network.disconnect({ Container: main.id, Force: true });
  await network.connect({ Container: main.id, EndpointConfig: { Aliases: ["main-1"] } });
  const drift = () => workspace.run("node", ["toolchain/bootstrap.mjs", "drift", "-s", "data", "--json"]);

  const found = await drift();
  const up = await workspace.pulumi("up", "--refresh", "--yes", "--skip-preview", "--stack", "data");
  const after = await drift();

  expect(removed).toMatchObject([{ code: 0 }, { code: 0 }]);
  const cause = "changed since it was deployed";
  const { differences } = JSON.parse(found.stdout) as { differences: { what: string }[] };
  expect(differences.sort((a, b) => (a.what < b.what ? -1 : 1))).toEqual([
    { what: "database data-main-server", how: 'databases ["main"] → ["audit","main"], logins, nodes', cause },
    { what: "database data-texts-server", how: 'databases ["texts"] → ["audit","texts"], logins', cause },
  ]);
  expect(up.exitCode, up.output).toBe(0);
  expect(up.output).toContain("databases.main: there is no server main-1, no database audit, no login shop-reader");
  expect(JSON.parse(after.stdout)).toMatchObject({ differences: [] });
  const passwords = Object.values((await workspace.outputs("data")).passwords as Record<string, string>);
  const { stdout: state } = await workspace.pulumi("stack", "export", "--stack", "data");
  expect(passwords.filter((password) => state.includes(password))).toEqual([]);
  for (const { engine, program } of ENGINES) {
    const reading = await sql(await client(`${program}-reader`), engine, "SELECT line FROM notes WHERE id = 1");
    expect(reading).toMatchObject({ code: 0, stdout: "one\n" });
  }
});

it("a record of an earlier version, which told no data from other data, is completed once and runs no job", async () => {
  const { stdout } = await workspace.pulumi("stack", "export", "--stack", "data");
  const earlier = JSON.parse(stdout) as { deployment: { resources: Recorded[] } };
  for (const { type, inputs, outputs } of earlier.deployment.resources) {
    if (!["slipway:index:Database", "slipway:index:JobRun"].includes(type)) continue;
    delete inputs?.data;
    delete outputs?.data;
  }
  await writeFile(join(workspace.directory, "earlier.json"), JSON.stringify(earlier));
  const imported = await workspace.pulumi("stack", "import", "--file", "earlier.json", "--stack", "data");

  const first = await workspace.up("data");
  const second = await workspace.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes", "--stack", "data");

  expect(imported.exitCode, imported.output).toBe(0);
  expect(first.output).toMatch(/^ {4}~ 3 updated$/m);
  expect(first.output).not.toMatch(/migrated|replaced|created/);
  expect(second.exitCode, second.output).toBe(0);
});

it("a preview of other rights shows no run of what has run on the same data", async () => {
  await writeStack(workspace, "data", environment().replace('rights: "read"', 'rights: "write"'));
  const { output } = await workspace.pulumi("preview", "--stack", "data");
  await writeStack(workspace, "data", environment());

  expect(output).toMatch(/slipway:index:Database data-main-server update/);
  expect(output).toMatch(/^ {4}~ 1 to update$/m);
});

it.each(ENGINES)("$engine: a rotation fails no query, and its end ends the earlier login", async (each) => {
  const { engine, program, server } = each;
  const rotate = (...args: string[]) =>
    workspace.run("node", ["toolchain/bootstrap.mjs", "rotate", "-s", "data", `${server}.${program}`, ...args]);
  const old = await client(program);
  const password = (await exec(old, ["cat", "/run/secrets/database-password"])).stdout;
  const before = follow(old);

  expect((await rotate()).exitCode).toBe(0);

  const current = await client(program);
  const after = follow(current);
  expect((await sql(current, engine, "SELECT 1")).stdout).toBe("1\n");
  const asBefore = `DATABASE_USER=${program}; ${signIn(engine, undefined, `'${password}'`)} "SELECT 1"`;
  expect((await exec(current, ["sh", "-c", asBefore])).stdout).toBe("1\n");
  await expect.poll(after, { timeout: 30_000 }).toContain("ok");
  expect((await rotate("--finish")).exitCode).toBe(0);

  expect((await exec(current, ["sh", "-c", asBefore])).stderr).toMatch(/authentication failed|Access denied/);
  expect((await client(program)).id).toBe(current.id);
  expect(before()).toContain("ok");
  expect(before() + after()).not.toContain("failed");
});

it("another environment cannot reach a database, whether it has the password or not", async () => {
  await writeStack(workspace, "other", 'services: { idle: client("postgres") },');
  await workspace.up("other");
  const idle = await containerOf(workspace, "other", "idle");
  const { NetworkSettings } = await nodeOf(workspace, "data", "main-1").inspect();
  const [{ IPAddress: address } = { IPAddress: "" }] = Object.values(NetworkSettings.Networks);

  const byName = await exec(idle, ["sh", "-c", "nc -w 3 main 5432 </dev/null"]);
  const byAddress = await exec(idle, ["sh", "-c", `nc -w 3 ${address} 5432 </dev/null`]);

  expect([byName.code, byAddress.code]).toEqual([1, 1]);
});

it("a changed memory starts the server anew with its data, cleanly stopped", async () => {
  await writeStack(workspace, "data", environment().replace("memoryMb: 192", "memoryMb: 256"));
  const { output } = await workspace.up("data");

  const { stdout } = await sql(await client("shop"), "postgres", "SHOW shared_buffers");
  expect(stdout).toBe("64MB\n");
  expect((await sql(await client("shop"), "postgres", "SELECT line FROM notes WHERE id = 1")).stdout).toBe("one\n");
  const log = (await nodeOf(workspace, "data", "main-1").logs({ stdout: true, stderr: true })).toString();
  expect(log).toContain("database system was shut down at");
  expect(log).not.toContain("was not properly shut down");
  expect(output).toContain("+-1 replaced");
});

it("a server that cannot start ends the deploy with its own words, and is mended by the next one", async () => {
  await writeStack(workspace, "data", environment(', settings: { shared_buffers: "1TB" }'));
  const failed = await workspace.pulumi("up", "--yes", "--skip-preview", "--stack", "data");

  expect(failed.exitCode).not.toBe(0);
  expect(failed.output).toContain("databases.main: main-1 ends with code 1 at each start:");
  expect(failed.output).toMatch(/could not map anonymous shared memory/);

  await writeStack(workspace, "data", environment());
  await workspace.up("data");
  expect((await sql(await client("shop"), "postgres", "SELECT line FROM notes WHERE id = 1")).stdout).toBe("one\n");
});

it("a destroy leaves the data, and the next up finds it", async () => {
  const { output } = await workspace.pulumi("destroy", "--yes", "--skip-preview", "--stack", "data");
  expect(output).not.toContain("error");

  await workspace.up("data");

  expect((await sql(await client("blog"), "mariadb", "SELECT line FROM notes WHERE id = 1")).stdout).toBe("one\n");
});
