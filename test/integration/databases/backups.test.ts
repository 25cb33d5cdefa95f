import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exec } from "../../../provider/engine/exec.ts";
import { startBucket } from "../../support/bucket.ts";
import type { TestBucket } from "../../support/bucket.ts";
import { createWorkspace } from "../../support/workspace.ts";
import type { CommandResult, Workspace } from "../../support/workspace.ts";
import { FILL, ROWS, removeWalDuringBackup } from "./content.ts";
import { containerOf, nodeOf, signIn, sql, writeStack } from "./project.ts";

const ENGINES = [
  { engine: "postgres", program: "shop", server: "main", volume: "main-1" },
  { engine: "mariadb", program: "blog", server: "texts", volume: "texts-1" },
] as const;

let workspace: Workspace;
let bucket: TestBucket;
let directory: string;

const npm = (...args: string[]): Promise<CommandResult> => workspace.run("npm", ["run", "--silent", ...args]);
const client = (program: string) => containerOf(workspace, "data", program);

interface Told {
  backups: { id: string; database: string; file: string; tables: { name: string; rows: number }[] }[];
  health: { database: string; fault: string | null }[];
}

const told = async (): Promise<Told> => JSON.parse((await npm("backups", "--", "-s", "data", "--json")).stdout) as Told;

beforeAll(async () => {
  workspace = await createWorkspace();
  bucket = await startBucket(workspace.docker);
  // A disk of its own, that can be full.
  directory = await mkdtemp(join(tmpdir(), "slipway-backups-"));
  await execa("mount", ["-t", "tmpfs", "-o", "size=400m,uid=999,gid=999", "tmpfs", directory]);
  const keys = 'accessKeyId: secret("bucketKey"), secretAccessKey: secret("bucketKey")';
  await writeStack(
    workspace,
    "data",
    `services: {
      shop: { ...client("postgres"), database: { at: "main", rights: "owner" }, before: ["shop-migrate"] },
      blog: { ...client("mariadb"), database: { at: "texts", rights: "owner" }, before: ["blog-migrate"] },
    },
    jobs: {
      "shop-migrate": { service: "shop", command: ["echo", "migrated"], database: "main" },
      "blog-migrate": { service: "blog", command: ["echo", "migrated"], database: "texts" },
    },
    databases: {
      main: {
        engine: "postgres", memoryMb: 192,
        backup: { schedule: "0 3 * * *", keep: 2, to: { directory: "${directory}" }, pointInTime: true },
      },
      texts: {
        engine: "mariadb", memoryMb: 256,
        backup: {
          schedule: "0 3 * * *", encrypt: generated("backups"),
          to: { s3: { bucket: "${bucket.name}", endpoint: "${bucket.endpoint}", ${keys} } },
        },
      },
    },`,
  );
  await workspace.edit("stacks/data.ts", (text) =>
    text.replace("{ defineEnvironment }", "{ defineEnvironment, generated, secret }"),
  );
  await workspace.up("platform");
  await workspace.initStack("data");
  await workspace.pulumi("config", "set", "--secret", "--path", "slipway:secrets.bucketKey", "correct", "-s", "data");
  await workspace.up("data");
});

afterAll(async () => {
  await workspace.remove();
  await bucket.stop();
  await execa("umount", [directory]);
  await rm(directory, { recursive: true });
});

describe.each(ENGINES)("$engine", ({ engine, program, server, volume }) => {
  it("is backed up while others write, and restored after its volume was destroyed", async () => {
    const shop = await client(program);
    const empty = await npm("backup", "--", "-s", "data", server);
    expect(empty.output).toMatch(/ is proven, 0 rows in 0 tables as backed up/);
    expect(await sql(shop, engine, FILL[engine])).toMatchObject({ code: 0, stderr: "" });
    const insert = `${signIn(engine)} "INSERT INTO words VALUES ($i, 'meanwhile')"`;
    const loop = `i=${ROWS}; while i=$((i+1)); ${insert} >/dev/null 2>&1; do :; done`;
    const writing = exec(shop, ["sh", "-c", loop]);
    const backup = await npm("backup", "--", "-s", "data", server);
    await sql(shop, engine, "ALTER TABLE words RENAME TO paused");
    await writing;
    await sql(shop, engine, "ALTER TABLE paused RENAME TO words");

    expect(backup.output).toMatch(new RegExp(`^${server}: \\S+, \\d+ rows in 1 table, \\d\\.\\d MB in `, "m"));
    expect(backup.output).toMatch(new RegExp(`^${server}: \\S+ is proven, \\d+ rows in 1 table as backed up`, "m"));
    expect(backup.exitCode).toBe(0);
    const taken = (await told()).backups.findLast((each) => each.database === server);
    const rows = taken?.tables[0]?.rows ?? 0;
    const digest = "SELECT count(*), min(id), max(id), count(distinct line) FROM words WHERE id <=";
    const before = await sql(shop, engine, `${digest} ${rows}`);
    const all = await sql(shop, engine, "SELECT count(*) FROM words");
    expect(rows).toBeGreaterThan(ROWS);
    expect(Number(all.stdout)).toBeGreaterThan(rows);

    await nodeOf(workspace, "data", volume).remove({ force: true });
    await workspace.docker.getVolume(`${workspace.namespace}-data-${volume}`).remove();
    const up = () => workspace.pulumi("up", "--yes", "--skip-preview", "--refresh", "--stack", "data");
    const made = await up();
    expect(made.exitCode, made.output).toBe(0);
    const restored = await npm("restore", "--", "-s", "data", server);
    const [migrated, same] = [await up(), await up()];

    // On what was made anew, on what was restored, which may be of an earlier schema, and then no more.
    const why = `${program}-migrate runs before what waits for it is released: its database was made anew or restored`;
    for (const { output } of [made, migrated]) expect(output).toContain(why);
    const ran = [made, migrated, same].map(({ output }) => output.includes("-migrate: migrated"));
    expect(ran).toEqual([true, true, false]);
    expect(restored.output).toContain(
      `Its schema is that of then: npm run up -- -s data --refresh runs ${program}-migrate for what came since.`,
    );

    expect(restored.output).toContain(`${server} is as ${taken?.id ?? ""} has it: ${rows} rows in 1 table [`);
    expect(restored.output).toContain(`]. What it was before is ${server}_replaced, until the next restore.`);
    const again = await client(program);
    expect((await sql(again, engine, `${digest} ${rows}`)).stdout).toBe(before.stdout);
    expect((await sql(again, engine, "SELECT count(*) FROM words")).stdout).toBe(`${rows}\n`);
    // Rights, views and triggers are there again.
    expect(
      await sql(again, engine, "INSERT INTO words VALUES (0, 'after'); UPDATE words SET line = 'x' WHERE id = 0"),
    ).toMatchObject({ code: 0 });
    expect((await sql(again, engine, "SELECT line FROM words WHERE id = 0")).stdout).toBe(
      engine === "mariadb" ? "X\n" : "x\n",
    );
    expect(
      Number((await sql(again, engine, `SELECT count(*) FROM ${engine === "mariadb" ? "`long`" : "long"}`)).stdout),
    ).toBe(ROWS);
  });
});

it("a disk that is full fails the backup, leaves the older one as it was and nothing half written", async () => {
  const files = async () =>
    (await execa("find", [directory, "-type", "f", "-not", "-path", "*/.wal/*"])).stdout.split("\n").sort();
  const before = await files();
  const filler = join(directory, "filler");
  await execa("sh", ["-c", `dd if=/dev/zero of=${filler} bs=64k 2>/dev/null || true; truncate -s -256k ${filler}`]);
  const failed = await npm("backup", "--", "-s", "data", "main");
  await rm(filler);

  expect(failed.exitCode).toBe(1);
  expect(failed.output).toContain("main: ENOSPC: no space left on device, write");
  expect(await files()).toEqual(before);
  const status = await npm("status", "--", "-s", "data");
  expect(status.output).toMatch(/^main +\S+ +\S+ +the last run failed with exit code 1$/m);
  expect(status.exitCode).toBe(1);
});

it("a file that is damaged by one byte is no good, and is not what a restore takes", async () => {
  const good = (await told()).backups.filter(({ database }) => database === "main").at(-1);
  expect((await npm("backup", "--", "-s", "data", "main")).exitCode).toBe(0);
  const newest = (await told()).backups.filter(({ database }) => database === "main").at(-1);
  const file = join(directory, "data/main/main", newest?.file ?? "");
  await execa("sh", ["-c", `printf '\\377' | dd of=${file} bs=1 seek=5000 conv=notrunc 2>/dev/null`]);
  const refused = await npm("restore", "--", "-s", "data", "main", "--from", newest?.id ?? "");
  const proof = await npm("backup", "--", "-s", "data", "main", "--prove-only");

  expect(refused.exitCode).toBe(1);
  expect(refused.output).toContain("main is as it was");
  expect(proof.output).toMatch(
    /main: \S+ is no good: \S+ is not what was written: its SHA-256 is \w{12}…, it was \w{12}…/,
  );
  expect((await told()).health.find(({ database }) => database === "main")?.fault).toMatch(
    /^the newest one is no good/,
  );
  expect((await npm("restore", "--", "-s", "data", "main")).output).toContain(`main is as ${good?.id ?? ""} has it`);
});

it("goes back to a moment: a row written before it is there, one written after it is not", async () => {
  const shop = await client("shop");
  const backup = npm("backup", "--", "-s", "data", "main");
  await removeWalDuringBackup(workspace, nodeOf(workspace, "data", "main-1"));
  const { exitCode, output } = await backup;
  expect(exitCode, output).toBe(0);
  await sql(shop, "postgres", "INSERT INTO words VALUES (-1, 'before')");
  const { stdout: moment } = await sql(shop, "postgres", "SELECT clock_timestamp()::timestamptz(3)");
  await sleep(1000);
  await sql(shop, "postgres", "INSERT INTO words VALUES (-2, 'after')");
  const early = await npm("restore", "--", "-s", "data", "main", "--at", "2020-01-01");
  const at = new Date(moment.trim()).toISOString();
  // The row that was written last has to be received before it can be left out.
  let restored = "";
  await expect
    .poll(async () => (restored = (await npm("restore", "--", "-s", "data", "main", "--at", at)).output), {
      timeout: 90_000,
    })
    .toContain("main is as it was at");

  expect(early.exitCode).toBe(1);
  expect(early.output).toContain(
    "no base backup was taken before 2020-01-01T00:00:00.000Z; the first one was there at",
  );
  expect(restored).toContain(`main is as it was at ${at}`);
  expect((await sql(shop, "postgres", "SELECT line FROM words WHERE id < 0")).stdout).toBe("before\n");
});

it("a new database begins with a masked clone or a seed, and keeps what it has from then on", async () => {
  await mkdir(join(workspace.directory, "db"));
  await writeFile(join(workspace.directory, "db/mask.sql"), "UPDATE words SET line = 'masked' WHERE id > 0;\n");
  await writeFile(
    join(workspace.directory, "db/seed.sql"),
    "CREATE TABLE words (id int, line text);\nINSERT INTO words VALUES (1, 'seed');\n",
  );
  const stack = (main: string) =>
    writeStack(
      workspace,
      "copy",
      `services: {
        shop: { ...client("postgres"), database: { at: "main", rights: "owner" } },
        blog: { ...client("mariadb"), database: { at: "texts", rights: "owner" } },
      },
      databases: {
        main: { engine: "postgres", memoryMb: 192, data: ${main} },
        texts: { engine: "mariadb", memoryMb: 256, data: seed("db/seed.sql") },
      },`,
    ).then(() =>
      workspace.edit("stacks/copy.ts", (text) =>
        text.replace("{ defineEnvironment }", "{ clone, defineEnvironment, seed }"),
      ),
    );
  await stack('clone("nowhere")');
  await workspace.initStack("copy");
  const failed = await workspace.pulumi("up", "--yes", "--skip-preview", "--stack", "copy");
  await stack('clone("data", { sanitize: "db/mask.sql" })');
  const { output } = await workspace.up("copy");
  const [shop, blog] = await Promise.all([
    containerOf(workspace, "copy", "shop"),
    containerOf(workspace, "copy", "blog"),
  ]);

  expect(failed.output).toContain(
    'databases.main.data: clone("nowhere"): must be a stack on this engine that backs up its database main, and there is none',
  );
  expect(output).toMatch(/main is cloned from the backup \S+ of data/);
  expect((await sql(shop, "postgres", "SELECT DISTINCT line FROM words WHERE id > 0")).stdout).toBe("masked\n");
  expect(await sql(shop, "postgres", "INSERT INTO words VALUES (-7, 'own')")).toMatchObject({ code: 0 });
  expect((await sql(blog, "mariadb", "SELECT line FROM words")).stdout).toBe("seed\n");

  await writeFile(join(workspace.directory, "db/mask.sql"), "DELETE FROM words;\n");
  const again = await workspace.up("copy");
  expect(again.output).toContain("databases.main.data: main has content already, and keeps it");
  expect((await sql(shop, "postgres", "SELECT line FROM words WHERE id = -7")).stdout).toBe("own\n");
});

it("a backup is taken before a database's container is replaced, and an image that cannot read the data is refused", async () => {
  const newer = `${workspace.namespace}/postgres:15`;
  const dockerfile = `FROM ${workspace.env.SLIPWAY_IMAGE_POSTGRES ?? ""}
USER root
RUN mkdir -p /usr/local/sbin && printf '#!/bin/sh\\necho postgres \\(PostgreSQL\\) 99.1\\n' > /usr/local/sbin/postgres && chmod +x /usr/local/sbin/postgres
ENV PATH=/usr/local/sbin:$PATH
`;
  await execa("docker", ["build", "--tag", newer, "-"], {
    input: dockerfile,
    env: { ...workspace.env, DOCKER_BUILDKIT: "0" },
  });
  const up = (env?: Record<string, string>) =>
    workspace.run("pulumi", ["up", "--yes", "--skip-preview", "--stack", "data", "--non-interactive"], env);
  const before = await nodeOf(workspace, "data", "main-1").inspect();
  const refused = await up({ SLIPWAY_IMAGE_POSTGRES: newer });
  await workspace.docker.getImage(newer).remove();

  expect(refused.exitCode).not.toBe(0);
  expect(refused.output).toMatch(
    /databases\.main: its data is of postgres 15 and \S+ is 99, which does not read it\. Nothing was replaced\./,
  );
  expect((await nodeOf(workspace, "data", "main-1").inspect()).Id).toBe(before.Id);

  const count = (await told()).backups.length;
  await workspace.edit("stacks/data.ts", (text) => text.replace("memoryMb: 192", "memoryMb: 224"));
  const { output } = await workspace.up("data");
  expect(output).toContain("main was backed up before its container is replaced");
  expect((await nodeOf(workspace, "data", "main-1").inspect()).Id).not.toBe(before.Id);
  expect(count).toBeGreaterThan(0);
});

it("a backup of another engine is refused", async () => {
  const [mariadb] = (await told()).backups.filter(({ database }) => database === "texts");
  await mkdir(join(directory, "data/main/main"), { recursive: true });
  const forged = join(directory, `data/main/main/20200101T000000Z.json`);
  const manifest = { ...mariadb, id: "20200101T000000Z", database: "main" };
  await execa("tee", [forged], { input: JSON.stringify(manifest) });
  const refused = await npm("restore", "--", "-s", "data", "main", "--from", "20200101T000000Z");
  await rm(forged);

  expect(refused.output).toContain(
    "20200101T000000Z cannot be restored into main: it is of mariadb and the server is postgres",
  );
  expect(refused.exitCode).toBe(2);
});
