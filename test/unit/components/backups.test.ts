import { describe, expect, it } from "vitest";
import type { EnvironmentInput } from "../../../components/index.ts";
import type { Registered } from "../../support/mock-engine.ts";
import { allRegistered, find, mockEngine } from "../../support/mock-engine.ts";

const platform = {
  authority: { certificate: "ca certificate", privateKey: "ca key" },
  ports: { http: 8080, https: 8443 },
  registry: { address: "127.0.0.1:5000", username: "slipway", password: "push", pull: { username: "", password: "" } },
  supervisor: true,
};
const CONTAINER = "docker:index/container:Container";
const VOLUME = "docker:index/volume:Volume";

async function deploy(main: Omit<NonNullable<EnvironmentInput["databases"]>[string], "engine">): Promise<Registered[]> {
  const registered = await mockEngine();
  const { Environment } = await import("../../../components/environment.ts");
  const { defineEnvironment } = await import("../../../components/index.ts");
  new Environment("dev", {
    spec: defineEnvironment({
      domain: "dev.localhost",
      services: {},
      databases: { main: { engine: "postgres", ...main } },
    }),
    ...{ namespace: "slipway", platform, helperImage: "haproxy:3.2", pins: {} },
    databaseImages: { postgres: "postgres:17", mariadb: "mariadb:11.4", node: "node:24" },
    secrets: { configured: {}, directory: undefined, rotations: {} },
  });
  await allRegistered();
  return registered;
}

/** What the program of a container is told. */
function told(registered: Registered[], container: string): unknown {
  const envs = find(registered, CONTAINER, container).inputs.envs as string[];
  const written = envs.find((variable) => variable.startsWith("SLIPWAY_BACKUP=")) ?? "";
  return JSON.parse(written.slice("SLIPWAY_BACKUP=".length));
}

const namesOf = (registered: Registered[], type: string) =>
  registered.flatMap((each) => (each.type === type ? each.name : []));

describe("a database with a backup", () => {
  it("has a job in its own image, which the supervisor starts and makes up for", async () => {
    const registered = await deploy({ backup: { schedule: "0 3 * * *", timeZone: "Europe/Paris" } });
    const { inputs } = find(registered, CONTAINER, "dev-main-backup-job-container");

    expect(find(registered, "slipway:index:ImageBuild", "dev-main-backup-image-build").inputs).toMatchObject({
      context: "backup",
      args: { DATABASE_IMAGE: "postgres:17", NODE_IMAGE: "node:24" },
    });
    expect(inputs).toMatchObject({
      command: ["node", "/app/main.ts", "backup", "--prove"],
      user: "999:999",
      start: false,
      volumes: [
        { containerPath: "/backups", readOnly: false, volumeName: "slipway-dev-main-backups" },
        { containerPath: "/scratch", readOnly: false, volumeName: "slipway-dev-main-scratch" },
        { containerPath: "/run/secrets", readOnly: true },
      ],
    });
    expect(inputs.labels).toEqual(
      expect.arrayContaining([
        { label: "slipway.job", value: "main-backup" },
        { label: "slipway.schedule", value: "0 3 * * *" },
        { label: "slipway.timeZone", value: "Europe/Paris" },
        { label: "slipway.catchUp", value: "true" },
      ]),
    );
    expect(told(registered, "dev-main-backup-job-container")).toEqual({
      engine: "postgres",
      host: "main",
      port: 5432,
      user: "slipway_backup",
      passwordFile: "/run/secrets/backup-password",
      databases: ["main"],
      to: { kind: "directory", path: "/backups" },
      keep: 7,
      keepDays: 0,
      scratch: "/scratch",
    });
  });

  it("has a second job where proofs have a schedule of their own, and none where there are none", async () => {
    const proven = await deploy({ backup: { schedule: "0 3 * * *", prove: "0 5 * * 0" } });
    expect(find(proven, CONTAINER, "dev-main-backup-proof-container").inputs.command).toEqual([
      ...["node", "/app/main.ts", "prove"],
    ]);

    const never = await deploy({ backup: { schedule: "0 3 * * *", prove: false } });
    expect(namesOf(never, CONTAINER)).toEqual(["dev-main-1", "dev-main-backup-job-container"]);
    expect(find(never, CONTAINER, "dev-main-backup-job-container").inputs.command).toEqual([
      ...["node", "/app/main.ts", "backup"],
    ]);
  });

  it("keeps them in a directory of the machine, below its own name", async () => {
    const registered = await deploy({ backup: { schedule: "0 3 * * *", to: { directory: "/srv/backups" } } });

    expect(find(registered, VOLUME, "dev-main-backup-store-volume").inputs).toMatchObject({
      name: "slipway-dev-main-backup-directory",
      driverOpts: { type: "none", o: "bind", device: "/srv/backups" },
    });
    expect(told(registered, "dev-main-backup-job-container")).toMatchObject({
      to: { kind: "directory", path: "/backups/dev/main" },
    });
  });

  it("receives the server's WAL where it can go back to a moment", async () => {
    const registered = await deploy({ backup: { schedule: "0 3 * * *", pointInTime: true } });

    expect(find(registered, "slipway:index:ProcessLimit", "dev-main-backup-receiver-limit").inputs).toEqual({
      container: "dev-main-backup-receiver-id",
      pidsLimit: 200,
    });
    expect(find(registered, CONTAINER, "dev-main-backup-receiver").inputs).toMatchObject({
      command: ["node", "/app/main.ts", "receive"],
      restart: "unless-stopped",
    });
    expect(told(registered, "dev-main-backup-receiver")).toMatchObject({ wal: "/backups/.wal" });
  });

  it("shows no password to whoever inspects its containers", async () => {
    const registered = await deploy({ backup: { schedule: "0 3 * * *" } });
    const { inputs } = find(registered, CONTAINER, "dev-main-backup-job-container");

    expect(JSON.stringify(inputs)).not.toContain("-result");
    const { files } = find(registered, "slipway:index:SecretFiles", "dev-main-backup-job-secrets").inputs;
    expect(files).toEqual({
      "backup-password": Buffer.from("dev-main.slipway_backup-password-result").toString("base64"),
    });
  });
});

describe("a database with data", () => {
  it("is ready once it has it, and is guarded", async () => {
    const registered = await deploy({ data: { kind: "clone", stack: "prod" } });

    expect(find(registered, "slipway:index:DatabaseContent", "dev-main-content").inputs).toMatchObject({
      ...{ namespace: "slipway", database: "main", engine: "postgres", clone: "prod" },
    });
    expect(find(registered, "slipway:index:DatabaseGuard", "dev-main-guard").inputs).toMatchObject({
      ...{ environment: "dev", database: "main", container: "slipway-dev-main-1" },
    });
  });

  it.each([
    ["cpus", { cpus: 2 }],
    ["memoryMb", { memoryMb: 1024 }],
    ["settings", { settings: { work_mem: "8MB" } }],
  ])("passes its guard when its container is replaced for other %s", async (_setting, change) => {
    const guardOf = (registered: Registered[]) => find(registered, "slipway:index:DatabaseGuard", "dev-main-guard");
    const { replacedBy } = guardOf(await deploy({})).inputs;

    expect(guardOf(await deploy({})).inputs.replacedBy).toBe(replacedBy);
    expect(guardOf(await deploy(change)).inputs.replacedBy).not.toBe(replacedBy);
  });
});
