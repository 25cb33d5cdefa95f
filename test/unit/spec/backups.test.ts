import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { clone, defineEnvironment, secret, seed } from "../../../components/index.ts";
import type { BackupInput, DatabaseInput } from "../../../components/index.ts";
import { SpecificationError } from "../../../components/index.ts";

const root = mkdtempSync(join(tmpdir(), "slipway-spec-"));
writeFileSync(join(root, "seed.sql"), "");
afterAll(() => {
  rmSync(root, { recursive: true });
});

const keys = { accessKeyId: secret("id"), secretAccessKey: secret("key") };

function define(main: DatabaseInput) {
  return defineEnvironment({ domain: "dev.localhost", services: {}, databases: { main } }, { root }).databases.main;
}

function faultsOf(main: unknown): string[] {
  return faultsIn(() => define(main as DatabaseInput));
}

function faultsIn(declare: () => unknown): string[] {
  try {
    declare();
    return [];
  } catch (error) {
    if (!(error instanceof SpecificationError)) throw error;
    return error.faults.map(({ path, message }) => `${path}: ${message}`);
  }
}

const postgres = (backup: unknown) => ({ engine: "postgres", backup });

it("fills in every default of a backup", () => {
  expect(define({ engine: "postgres", backup: { schedule: "0 3 * * *" } })?.backup).toStrictEqual({
    schedule: "0 3 * * *",
    timeZone: "UTC",
    keep: 7,
    keepDays: 0,
    to: { kind: "volume" },
    encrypt: undefined,
    prove: "at once",
    pointInTime: false,
    timeoutSeconds: 3600,
  });
});

it.each<[BackupInput["to"], unknown]>([
  ["volume", { kind: "volume" }],
  [{ directory: "/srv/backups" }, { kind: "directory", path: "/srv/backups" }],
  [{ s3: { bucket: "backups", ...keys } }, { kind: "s3", bucket: { bucket: "backups", region: "us-east-1", ...keys } }],
])("keeps backups in %j", (to, resolved) => {
  expect(define({ engine: "postgres", backup: { schedule: "0 3 * * *", to } })?.backup?.to).toEqual(resolved);
});

it.each([
  [
    "a schedule that never comes",
    postgres({ schedule: "0 25 * * *" }),
    'databases.main.backup.schedule: must be five fields of cron that come around, such as "0 3 * * *" for three at night, got "0 25 * * *"',
  ],
  [
    "a directory that is none",
    postgres({ schedule: "0 3 * * *", to: { directory: "backups" } }),
    'databases.main.backup.to.directory: must be an absolute path on the engine\'s machine, without a colon and without a slash at its end, got "backups"',
  ],
  [
    "two places",
    postgres({ schedule: "0 3 * * *", to: { directory: "/srv", s3: { bucket: "backups", ...keys } } }),
    /^databases\.main\.backup\.to: must be one of "volume", \{ directory: "\/srv\/backups" \} or \{ s3: … \}, got /,
  ],
  [
    "WAL of an engine that has none",
    { engine: "mariadb", backup: { schedule: "0 3 * * *", pointInTime: true } },
    "databases.main.backup.pointInTime: must be left out for mariadb: PostgreSQL alone can go back to a moment",
  ],
  [
    "WAL in a bucket",
    postgres({ schedule: "0 3 * * *", pointInTime: true, to: { s3: { bucket: "backups", ...keys } } }),
    "databases.main.backup.pointInTime: must be left out with to = s3: WAL is received into a volume or a directory",
  ],
  [
    "WAL beside backups that are encrypted",
    postgres({ schedule: "0 3 * * *", pointInTime: true, encrypt: secret("backupKey") }),
    "databases.main.backup.pointInTime: must be left out with encrypt: WAL is kept as it is received",
  ],
  [
    "a seed that is not there",
    { engine: "postgres", data: seed("nowhere.sql") },
    `databases.main.data.file: must be a file of the project, got "nowhere.sql"; ${join(root, "nowhere.sql")} is none`,
  ],
  [
    "data that is neither",
    { engine: "postgres", data: "seed.sql" },
    'databases.main.data: must be seed("file.sql") or clone("prod"), got "seed.sql"',
  ],
])("refuses %s", (_what, main, fault) => {
  const [found, ...others] = faultsOf(main);
  if (fault instanceof RegExp) expect(found).toMatch(fault);
  else expect(found).toBe(fault);
  expect(others).toEqual([]);
});

describe("a sealed environment", () => {
  const s3 = (endpoint?: string) => ({
    s3: { bucket: "backups", ...keys, ...(endpoint !== undefined && { endpoint }) },
  });

  function sealedFaults(main: Partial<DatabaseInput>): string[] {
    const services = { store: { image: `store@sha256:${"b".repeat(64)}`, port: 9000 } };
    const databases = { main: { engine: "postgres", ...main } as const };
    return faultsIn(() => defineEnvironment({ domain: "dev.localhost", sealed: true, services, databases }, { root }));
  }

  it.each([
    [undefined, "Amazon's servers"],
    ["https://s3.example.org", '"https://s3.example.org"'],
  ])("has no way to a bucket at %s", (endpoint, where) => {
    expect(sealedFaults({ backup: { schedule: "0 3 * * *", to: s3(endpoint) } })).toEqual([
      "databases.main.backup.to: must be within reach of a sealed environment, whose containers reach nothing outside, " +
        `got s3 with bucket = "backups" at ${where}; ` +
        'keep them in "volume" or a { directory: … }, which may be a mounted share, or take sealed out',
    ]);
  });

  it.each<[string, Partial<DatabaseInput>]>([
    ["a volume", { backup: { schedule: "0 3 * * *" } }],
    ["a directory", { backup: { schedule: "0 3 * * *", to: { directory: "/srv/backups" } } }],
    ["a bucket of its own", { backup: { schedule: "0 3 * * *", to: s3("http://store:9000") } }],
    // The plugin reads them, from outside.
    ["a clone", { data: clone("prod") }],
    ["a seed", { data: seed("seed.sql") }],
  ])("can have %s", (_what, main) => {
    expect(sealedFaults(main)).toEqual([]);
  });
});

it("makes the paths of seeds and masks absolute", () => {
  expect(define({ engine: "postgres", data: seed("seed.sql") })?.data).toEqual({
    kind: "seed",
    file: join(root, "seed.sql"),
  });
  expect(define({ engine: "postgres", data: clone("prod", { sanitize: "seed.sql" }) })?.data).toEqual({
    kind: "clone",
    stack: "prod",
    sanitize: join(root, "seed.sql"),
  });
});
