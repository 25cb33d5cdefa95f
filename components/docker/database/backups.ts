import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { resolve } from "node:path";
import type { Origin } from "../../origin.ts";
import type { Secrets } from "../../secrets.ts";
import type * as spec from "../../spec/index.ts";
import { Image } from "../image.ts";
import { hardening, REPLACE_ON_CHANGES } from "../hardening.ts";
import { Job } from "../job.ts";
import type { JobArgs } from "../job.ts";
import { labelsFor, toLabels } from "../labels.ts";
import type { Owner } from "../labels.ts";
import { storageOf, variablesOf } from "../program.ts";
import type { RegistryAccess } from "../registry.ts";
import { ProcessLimit } from "../slipway-resources.ts";
import { Volume } from "../volume.ts";
import { ownPasswords } from "./own-passwords.ts";

/** Inputs of {@link Backups}. */
export interface BackupsArgs {
  /** Whose database it is. */
  owner: Owner;
  /** Name of the database server within the environment. */
  database: string;
  spec: spec.Database;
  backup: spec.Backup;
  /** Image of the server. A change builds another image for the job. */
  image: string;
  /** Image that has Node. */
  nodeImage: string;
  /** Takes the image. */
  registry: RegistryAccess;
  /** Who builds where, for the record. */
  origin?: Origin | undefined;
  /** Network of the environment. */
  network: pulumi.Input<string>;
  secrets: Secrets;
  /** Image with a shell and the usual file commands, for putting secrets into their volume. */
  helperImage: string;
}

/** What its programs are planned from: they run another image than the server. */
type Planned = Omit<BackupsArgs, "image">;

const USER = "999:999";
/** Of a program that compresses, and of a server that takes one backup at a time. */
const MEMORY_MB = 512;
const RECEIVER_MB = 192;
const KEEP_IMAGES = 2;
const [BACKUPS, SCRATCH] = ["/backups", "/scratch"];
const PORTS = { postgres: 5432, mariadb: 3306 };

/**
 * Scheduled backups of a database server, and their proofs: jobs that the platform's supervisor starts. Their image is the
 * server's own with the program of `backup/` in it.
 *
 * Creates `${name}-image`, `${name}-store-volume` unless backups go to a bucket, `${name}-scratch-volume`, `${name}-job` and,
 * where proofs have a schedule of their own, `${name}-proof`; for `pointInTime`, `${name}-receiver` with its limit.
 */
export class Backups extends pulumi.ComponentResource {
  constructor(name: string, args: BackupsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:docker:Backups", name, {}, opts);

    const { owner, database, backup, registry, origin } = args;
    const child = { parent: this };
    const image = new Image(
      `${name}-image`,
      {
        ...{ owner, service: jobName(database), registry, origin, keepReleases: KEEP_IMAGES, pinned: undefined },
        source: backupSource(args),
      },
      child,
    );
    const store = createStore(`${name}-store`, args, child);
    // What a throw-away server holds is of no use to anybody afterwards.
    const scratch = new Volume(`${name}-scratch`, { owner, volume: `${database}-scratch`, retained: false }, child);
    const volumes: JobArgs["volumes"] = {
      ...(store && { store: { volumeName: store, readOnly: false } }),
      scratch: { volumeName: scratch.volumeName, readOnly: false },
    };
    const { digest, version } = image;
    const common = { ...args, internalPorts: {}, databases: {}, volumes, image: digest, version };
    const job = (role: string, key: string, schedule: string, words: readonly string[]) =>
      new Job(`${name}-${role}`, { ...common, job: key, spec: planJob(args, schedule, words) }, child);
    const proves = backup.prove === "at once" ? ["--prove"] : [];
    job("job", jobName(database), backup.schedule, ["backup", ...proves]);
    if (typeof backup.prove === "object") job("proof", `${database}-proof`, backup.prove.schedule, ["prove"]);
    if (backup.pointInTime) createReceiver(`${name}-receiver`, common, child);
    this.registerOutputs({});
  }
}

/** Receives what the server writes, as it writes it. */
function createReceiver(
  name: string,
  args: Planned & Pick<JobArgs, "volumes" | "internalPorts" | "databases" | "image">,
  opts: pulumi.CustomResourceOptions,
): void {
  const { owner, network, database } = args;
  const program = { ...args, image: args.image, spec: planJob(args, args.backup.schedule, ["receive"]) };
  const container = new docker.Container(
    name,
    {
      ...hardening({ memoryMb: RECEIVER_MB, cpus: 0.5 }),
      image: program.image,
      command: program.spec.command && [...program.spec.command],
      envs: variablesOf(jobName(database), program, {}),
      labels: [...labelsFor(owner, { role: "backup" }), ...toLabels({ "slipway.database": database })],
      user: USER,
      networksAdvanced: [{ name: network }],
      ...storageOf(name, program, opts),
      restart: "unless-stopped",
      destroyGraceSeconds: 10,
    },
    // Two would want the same place in the server's log.
    { ...opts, deleteBeforeReplace: true, replaceOnChanges: REPLACE_ON_CHANGES },
  );
  new ProcessLimit(`${name}-limit`, { container: container.id, pidsLimit: program.spec.pidsLimit }, opts);
}

/** Name of the job that backs a database server up. */
export function jobName(database: string): string {
  return `${database}-backup`;
}

function planJob(args: Planned, schedule: string, words: readonly string[]): JobArgs["spec"] {
  const { backup, database } = args;
  const { timeZone, timeoutSeconds, encrypt, to } = backup;
  return {
    source: { kind: "service", service: database },
    command: ["node", "/app/main.ts", ...words],
    ...{ schedule, timeZone, timeoutSeconds, catchUp: true },
    env: { SLIPWAY_BACKUP: JSON.stringify(settingsOf(args)) },
    secrets: {
      "backup-password": ownPasswords(database).backup,
      ...(encrypt && { "backup-key": encrypt }),
      ...(to.kind === "s3" && {
        "s3-access-key-id": to.bucket.accessKeyId,
        "s3-secret-access-key": to.bucket.secretAccessKey,
      }),
    },
    database: undefined,
    waitsFor: [],
    mounts: [...(to.kind === "s3" ? [] : [mountOf("store", BACKUPS)]), mountOf("scratch", SCRATCH)],
    ...{ memoryMb: MEMORY_MB, cpus: 1, pidsLimit: 200, user: USER },
    relax: { writableRootFilesystem: false, capabilities: [], allowRoot: false, hostDirectories: [] },
  };
}

function mountOf(volume: string, path: string): spec.Mount {
  return { kind: "volume", volume, path, readOnly: false };
}

/** What the program of `backup/` is told; see backup/config.ts. */
function settingsOf({ owner, database, spec, backup }: Planned): Record<string, unknown> {
  return {
    ...{ engine: spec.engine, host: database, port: PORTS[spec.engine], user: "slipway_backup" },
    passwordFile: "/run/secrets/backup-password",
    databases: spec.databases,
    to: placeOf(backup.to, owner, database),
    ...(backup.encrypt && { keyFile: "/run/secrets/backup-key" }),
    ...{ keep: backup.keep, keepDays: backup.keepDays, scratch: SCRATCH },
    ...(backup.pointInTime && { wal: `${pathOf(backup.to, owner, database)}/.wal` }),
  };
}

function placeOf(to: spec.BackupPlace, { namespace, environment }: Owner, database: string): Record<string, unknown> {
  switch (to.kind) {
    case "volume":
    case "directory":
      return { kind: "directory", path: pathOf(to, { namespace, environment }, database) };
    case "s3": {
      const { bucket, region, endpoint } = to.bucket;
      return {
        ...{ kind: "s3", bucket, region, endpoint, prefix: `${namespace}/${environment}/${database}/` },
        accessKeyIdFile: "/run/secrets/s3-access-key-id",
        secretAccessKeyFile: "/run/secrets/s3-secret-access-key",
      };
    }
  }
}

/** A directory of the machine may be that of others too. */
function pathOf({ kind }: spec.BackupPlace, { environment }: Owner, database: string): string {
  return kind === "volume" ? BACKUPS : `${BACKUPS}/${environment}/${database}`;
}

/** The volume that backups go to: one of their own, or one that stands for a directory of the machine. */
function createStore(
  name: string,
  { owner, database, backup: { to } }: BackupsArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> | undefined {
  if (to.kind === "s3") return undefined;
  if (to.kind === "volume") return new Volume(name, { owner, volume: `${database}-backups` }, opts).volumeName;
  const volume = new docker.Volume(
    `${name}-volume`,
    {
      name: `${owner.namespace}-${owner.environment}-${database}-backup-directory`,
      labels: labelsFor(owner),
      driver: "local",
      driverOpts: { type: "none", o: "bind", device: to.path },
    },
    opts,
  );
  return volume.name;
}

/** The program, which is part of this project, on the server's own image. */
function backupSource({ image, nodeImage }: BackupsArgs): spec.BuildSource {
  const context = resolve(import.meta.dirname, "../../../backup");
  return {
    ...{ kind: "build", context, dockerfile: resolve(context, "Dockerfile") },
    args: { DATABASE_IMAGE: image, NODE_IMAGE: nodeImage },
    ...{ target: undefined, secrets: {}, platform: undefined, cache: false },
  };
}
