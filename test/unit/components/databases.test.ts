import { beforeEach, describe, expect, it } from "vitest";
import { nodesOf } from "../../../components/docker/database/database.ts";
import type { EnvironmentInput } from "../../../components/index.ts";
import type { Registered } from "../../support/mock-engine.ts";
import { allRegistered, find, mockEngine } from "../../support/mock-engine.ts";

const root = new URL("../../fixtures/project", import.meta.url).pathname;
const platform = {
  authority: { certificate: "ca certificate", privateKey: "ca key" },
  ports: { http: 8080, https: 8443 },
  registry: { address: "127.0.0.1:5000", username: "slipway", password: "push", pull: { username: "", password: "" } },
  supervisor: true,
};
const CONTAINER = "docker:index/container:Container";
const SERVER = "slipway:index:Database";
const image = `registry.example.org/api@sha256:${"b".repeat(64)}`;
const input: EnvironmentInput = {
  domain: "dev.localhost",
  services: { api: { image, database: "main" } },
  jobs: { report: { service: "api", schedule: "0 3 * * *", database: { at: "main/reports", rights: "read" } } },
  databases: { main: { engine: "postgres", version: "16", replicas: 1, memoryMb: 256 } },
};

async function deploy(
  changes: Partial<EnvironmentInput> = {},
  { rotations = {}, primaries = {} }: { rotations?: object; primaries?: Record<string, number> } = {},
): Promise<Registered[]> {
  const registered = await mockEngine();
  const { Environment } = await import("../../../components/environment.ts");
  const { defineEnvironment } = await import("../../../components/index.ts");
  new Environment("dev", {
    spec: defineEnvironment({ ...input, ...changes }, { root }),
    namespace: "slipway",
    platform,
    helperImage: "haproxy:3.2",
    databaseImages: {
      postgres: "docker.io/library/postgres:17",
      mariadb: "slipway-stand-in/mariadb:10.11",
      node: "node:24",
    },
    primaries,
    secrets: { configured: {}, directory: undefined, rotations: { ...rotations } },
    pins: {},
  });
  await allRegistered();
  return registered;
}

const envsOf = (registered: Registered[], container: string) => find(registered, CONTAINER, container).inputs.envs;

describe("a database", () => {
  let registered: Registered[];

  beforeEach(async () => {
    registered = await deploy();
  });

  it("is a container for each server, which no one else can write beside, on a volume of its own", () => {
    const { inputs } = find(registered, CONTAINER, "dev-main-1");

    expect(inputs).toMatchObject({
      name: "slipway-dev-main-1",
      user: "999:999",
      readOnly: true,
      capabilities: { drops: ["ALL"] },
      memory: 256,
      shmSize: 64,
      networksAdvanced: [{ name: "dev-network-1a2b3c4", aliases: ["main-1"] }],
      volumes: [{ containerPath: "/var/lib/postgresql/data", volumeName: "slipway-dev-main-1" }],
      envs: ["SLIPWAY_DATABASE=main", "SLIPWAY_NODE=1"],
      labels: [
        { label: "slipway.environment", value: "dev" },
        { label: "slipway.namespace", value: "slipway" },
        { label: "slipway.role", value: "database" },
        { label: "slipway.database", value: "main" },
        { label: "slipway.engine", value: "postgres" },
        { label: "slipway.node", value: "1" },
      ],
      stopSignal: "SIGINT",
      stopTimeout: 120,
      destroyGraceSeconds: 120,
    });
    expect(inputs.ports).toBeUndefined();
    expect(find(registered, CONTAINER, "dev-main-2").inputs.networksAdvanced).toEqual([
      { name: "dev-network-1a2b3c4", aliases: ["main-2"] },
    ]);
  });

  it("runs the version that the stack file says", () => {
    expect(find(registered, "docker:index/remoteImage:RemoteImage", "dev-main-image").inputs.name).toBe(
      "docker.io/library/postgres:16",
    );
  });

  it("has a login for each program, and keeps every password secret", () => {
    const { inputs, secrets } = find(registered, SERVER, "dev-main-server");

    expect(inputs).toMatchObject({
      databases: ["main", "reports"],
      logins: [
        { name: "api", database: "main", rights: "write", password: "dev-main.api-password-result" },
        { name: "report", database: "reports", rights: "read", password: "dev-main.report-password-result" },
      ],
    });
    expect(secrets).toEqual(["backupPassword", "logins", "replicationPassword"]);
  });

  it("is told to its programs by variables, and its password by a file", () => {
    expect(envsOf(registered, "dev-api-1")).toEqual([
      "DATABASE_HOST=main",
      "DATABASE_NAME=main",
      "DATABASE_PASSWORD_FILE=/run/secrets/database-password",
      "DATABASE_PORT=5432",
      "DATABASE_REPLICA_HOST=main-replica",
      "DATABASE_USER=api",
      "SLIPWAY_ENVIRONMENT=dev",
      "SLIPWAY_SERVICE=api",
      "SLIPWAY_VERSION=bbbbbbbbbbbb",
    ]);
    expect(find(registered, "slipway:index:SecretFiles", "dev-api-secrets").inputs.files).toEqual({
      "database-password": Buffer.from("dev-main.api-password-result").toString("base64"),
    });
  });
});

it("a job before a release, and what a new database begins with, are told which data is meant", async () => {
  const registered = await deploy({
    services: { api: { image, database: "main", before: ["migrate"] } },
    jobs: { migrate: { service: "api", command: ["migrate"], database: "main" } },
    databases: { main: { engine: "postgres", version: "16", data: { kind: "clone", stack: "prod" } } },
  });

  expect(find(registered, "slipway:index:JobRun", "dev-migrate-run").inputs.data).toBe("dev-main-server data");
  expect(find(registered, "slipway:index:DatabaseContent", "dev-main-content").inputs.data).toBe(
    "dev-main-server data",
  );
});

it("without replicas reads go to the only server", async () => {
  const registered = await deploy({ databases: { main: { engine: "mysql" } } });

  expect(envsOf(registered, "dev-api-1")).toEqual(
    expect.arrayContaining(["DATABASE_REPLICA_HOST=main", "DATABASE_PORT=3306"]),
  );
});

it("while a rotation is not finished both logins are there, and new containers use the new one", async () => {
  const registered = await deploy({}, { rotations: { "main.api": { generation: 2, keepsPrevious: true } } });

  const { logins } = find(registered, SERVER, "dev-main-server").inputs;
  expect(logins).toMatchObject([{ name: "api_2" }, { name: "api_1" }, { name: "report" }]);
  expect(envsOf(registered, "dev-api-1")).toContain("DATABASE_USER=api_2");
  expect(Object.keys(find(registered, "slipway:index:SecretFiles", "dev-api-secrets").inputs.files ?? {})).toEqual([
    "database-password",
  ]);
});

it("a finished rotation leaves the new login alone, and nothing else changes", async () => {
  const registered = await deploy({}, { rotations: { "main.api": { generation: 2, keepsPrevious: false } } });

  expect(find(registered, SERVER, "dev-main-server").inputs.logins).toMatchObject([
    { name: "api_2" },
    { name: "report" },
  ]);
  expect(envsOf(registered, "dev-api-1")).toContain("DATABASE_USER=api_2");
});

it.each([
  [{ mian: 2 }, 'slipway:primaries.mian: must be a database of this environment, did you mean "main"? There are: main'],
  [{ main: 7 }, "slipway:primaries.main: must be the number of a server, from 1 to 6, got 7"],
])("a primary that cannot be is refused: %j", async (primaries, message) => {
  await expect(deploy({}, { primaries: { ...primaries } })).rejects.toThrow(message);
});

it("an image of another version than the stack file says is refused", async () => {
  const databases = { main: { engine: "mariadb", version: "11.4" } } as const;

  await expect(deploy({ databases })).rejects.toThrow(
    "databases.main.version: must be 10.11, of which there is an image, got 11.4; SLIPWAY_IMAGE_MARIADB names the one of another version, instead of slipway-stand-in/mariadb:10.11",
  );
});

it.each([
  [0, 1, [1]],
  [2, 1, [1, 2, 3]],
  [1, 2, [1, 2]],
  [1, 3, [1, 3]],
  [0, 2, [2]],
])("with %i replicas and server %i as the primary there are %j", (replicas, primary, nodes) => {
  expect(nodesOf(replicas, primary)).toEqual(nodes);
});
