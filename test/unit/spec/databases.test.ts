import { describe, expect, it } from "vitest";
import { defineEnvironment } from "../../../components/spec/index.ts";
import type { Database, EnvironmentInput } from "../../../components/spec/index.ts";
import { faultsOf, makeProject } from "./project.ts";

const root = makeProject();

function define({
  services = {},
  ...others
}: {
  services?: object;
  databases?: object;
  jobs?: object;
  volumes?: object;
}) {
  const input = { domain: "dev.localhost", services: { web: { build: "web" }, ...services }, ...others };
  return defineEnvironment(input as EnvironmentInput, { root });
}

const faults = (input: Parameters<typeof define>[0]) => faultsOf(() => define(input));
const postgres = { main: { engine: "postgres" } };

it("fills in every default of a database", () => {
  expect(define({ databases: { main: { engine: "postgres" } } }).databases).toStrictEqual<Record<string, Database>>({
    main: {
      engine: "postgres",
      version: undefined,
      replicas: 0,
      synchronous: false,
      memoryMb: 512,
      cpus: 1,
      settings: {},
      readySeconds: 300,
      backup: undefined,
      data: undefined,
      databases: ["main"],
    },
  });
});

it("takes mysql for mariadb, settings for text, and the databases that programs name for its own", () => {
  const { databases } = define({
    services: { web: { build: "web", database: "main/reports" }, worker: { build: "web", database: "main/audit" } },
    databases: { main: { engine: "mysql", settings: { wait_timeout: 60, event_scheduler: true, sql_mode: "ANSI" } } },
  });

  expect(databases.main).toMatchObject({
    engine: "mariadb",
    settings: { event_scheduler: "on", sql_mode: "ANSI", wait_timeout: "60" },
    databases: ["audit", "main", "reports"],
  });
});

it("lets a service change rows and a job change the schema, unless they say otherwise", () => {
  const schedule = "0 3 * * *";
  const { services, jobs } = define({
    services: {
      web: { build: "web", database: "main" },
      board: { build: "web", database: { at: "main", rights: "read" } },
    },
    jobs: { nightly: { service: "web", schedule, database: "main/reports" } },
    databases: postgres,
  });

  const password = (name: string) => ({ kind: "secret", name, from: "generator" });
  expect(services.web?.database).toEqual({
    ...{ server: "main", database: "main", rights: "write" },
    password: password("main.web"),
  });
  expect(services.board?.database?.rights).toBe("read");
  expect(jobs.nightly?.database).toEqual({
    ...{ server: "main", database: "reports", rights: "owner" },
    password: password("main.nightly"),
  });
});

describe("one setting of a database", () => {
  const NAME =
    "must be a name of at most 24 lower-case letters, digits and hyphens that begins with a letter and does not end with a hyphen";

  it.each<[object, string]>([
    [{ main: {} }, "databases.main.engine: must be one of postgres, mariadb, mysql, got nothing"],
    [{ main: { engine: "oracle" } }, 'databases.main.engine: must be one of postgres, mariadb, mysql, got "oracle"'],
    [
      { main: { engine: "postgres", version: "9" } },
      'databases.main.version: must be a version of postgres, got "9"; there are: 14, 15, 16, 17, 18',
    ],
    [
      { main: { engine: "mysql", version: "8.0" } },
      'databases.main.version: must be a version of mariadb, got "8.0"; there are: 10.11, 11.4, 11.8',
    ],
    [{ main: { engine: "postgres", version: 17 } }, 'databases.main.version: must be text, such as "17", got 17'],
    [{ main: { engine: "postgres", replicas: -1 } }, "databases.main.replicas: must be an integer from 0 to 5, got -1"],
    [{ main: { engine: "postgres", replicas: 6 } }, "databases.main.replicas: must be an integer from 0 to 5, got 6"],
    [
      { main: { engine: "postgres", synchronous: true } },
      "databases.main.synchronous: must have replicas of at least 1, got replicas = 0",
    ],
    [
      { main: { engine: "postgres", memoryMb: 64 } },
      "databases.main.memoryMb: must be an integer from 128 to 1048576 (MiB), got 64",
    ],
    [
      { main: { engine: "mariadb", memoryMb: 128 } },
      "databases.main.memoryMb: must be at least 256 (MiB) for mariadb, got 128",
    ],
    [
      { main: { engine: "postgres", settings: { fsync: "off" } } },
      "databases.main.settings.fsync: must not be set: Slipway sets it",
    ],
    [
      { main: { engine: "postgres", settings: { "a b": 1 } } },
      'databases.main.settings["a b"]: must be named with lower-case letters, digits, _ and .',
    ],
    [
      { main: { engine: "postgres", image: "x" } },
      "databases.main.image: is no setting of a database; there are: backup, cpus, data, engine, memoryMb, readySeconds, replicas, settings, synchronous, version",
    ],
    [{ Main: { engine: "postgres" } }, `databases.Main: ${NAME}, got "Main"`],
    [
      { postgres: { engine: "postgres" } },
      'databases.postgres: must have a name that no server uses itself, got "postgres"',
    ],
  ])("%j is a fault", (databases, fault) => {
    expect(faults({ databases })).toStrictEqual([fault]);
  });
});

describe("databases and the rest of an environment", () => {
  const used = (database: unknown, name = "web") => ({
    services: { [name]: { build: "web", database } },
    databases: postgres,
  });

  it.each<[Parameters<typeof define>[0], string]>([
    [
      used("mian"),
      'services.web.database: must be a database of this environment, got "mian", did you mean "main"? There are: main',
    ],
    [
      used("main/Reports"),
      'services.web.database: must be a name of at most 24 lower-case letters, digits and hyphens that begins with a letter and does not end with a hyphen, got "Reports"',
    ],
    [used("main/template1"), 'services.web.database: must have a name that no server uses itself, got "template1"'],
    [
      used({ at: "main", rights: "admin" }),
      'services.web.database.rights: must be one of owner, write, read, got "admin"',
    ],
    [
      used("main", "public"),
      'services.public.database: must not be used by a program called "public", which PostgreSQL has no login for',
    ],
    [
      { databases: { web: { engine: "postgres" } } },
      "databases.web: must have names of its own, as it has servers web-1, …: there is services.web",
    ],
    [
      { databases: postgres, volumes: { "main-1": {} } },
      "databases.main: must have names of its own, as it has servers main-1, …: there is volumes.main-1",
    ],
    [
      { databases: postgres, services: { "main-replica": { build: "web" } } },
      "databases.main: must have names of its own, as it has servers main-1, …: there is services.main-replica",
    ],
    [
      { services: { web: { build: "web", database: "main", env: { DATABASE_HOST: "x" } } }, databases: postgres },
      "services.web.env.DATABASE_HOST: must not be set with database, which sets it",
    ],
  ])("%j is a fault", (input, fault) => {
    expect(faults(input)).toStrictEqual([fault]);
  });
});
