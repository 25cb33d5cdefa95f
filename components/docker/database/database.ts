import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { DatabaseInputs } from "../../../provider/database.ts";
import type * as spec from "../../spec/index.ts";
import { hardening, REPLACE_ON_CHANGES } from "../hardening.ts";
import { labelsFor, toLabels } from "../labels.ts";
import type { Owner } from "../labels.ts";
import { DatabaseContent, DatabaseGuard, DatabaseServer } from "../slipway-resources.ts";
import type { DeepInput } from "../slipway-resources.ts";
import { Volume } from "../volume.ts";
import { serverArguments } from "./server-settings.ts";

/** Inputs of {@link Database}. */
export interface DatabaseArgs {
  /** Whose database it is. */
  owner: Owner;
  /** Name within the environment, and address of the primary. */
  database: string;
  spec: spec.Database;
  /** Image of the server. A change replaces the containers, one after the other. */
  image: string;
  /** Network of the environment. */
  network: pulumi.Input<string>;
  /** Number of the server that takes writes. A change replaces nothing. */
  primary: number;
  /** Programs' logins. Secret. */
  logins: pulumi.Input<DeepInput<DatabaseInputs["logins"][number]>[]>;
  replicationPassword: pulumi.Input<string>;
  backupPassword: pulumi.Input<string>;
  /** False deletes its volumes with the stack. */
  retained: boolean;
}

/** User and group of the official images. */
const USER = "999:999";
const PIDS_LIMIT = 1000;
/** Time to write everything to disk. Nothing is lost without it, but the next start takes longer. */
const STOP_SECONDS = 120;

const ENGINES = {
  postgres: {
    volume: "/var/lib/postgresql/data",
    socket: "/run/postgresql",
    // Ends connections instead of waiting for them.
    stopSignal: "SIGINT",
    health: ["CMD", "pg_isready", "--quiet"],
    script: () => readFileSync(join(import.meta.dirname, "postgres.sh"), "utf8"),
  },
  mariadb: {
    volume: "/var/lib/mysql",
    socket: "/run/mysqld",
    stopSignal: "SIGTERM",
    health: ["CMD", "mariadb-admin", "--no-defaults", "--socket=/run/mysqld/mysqld.sock", "--silent", "ping"],
    script: () => readFileSync(join(import.meta.dirname, "mariadb.sh"), "utf8"),
  },
};

/**
 * A database server with its replicas. Each has a container and a volume of its own; the volumes outlive everything.
 *
 * Creates `${name}-image`, `${name}-guard`, with `data` `${name}-content`, for each server `${name}-1-volume` and `${name}-1`, and `${name}-server`, which is there once
 * programs can use it.
 */
export class Database extends pulumi.ComponentResource {
  /** There once programs can use it. */
  readonly ready: pulumi.Resource;
  /** By database, what tells its data from other data of the same name; undefined before it was looked at. */
  readonly data: DatabaseServer["data"];

  constructor(name: string, args: DatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:docker:Database", name, {}, opts);

    const { owner, database, spec } = args;
    const child = { parent: this };
    // Here before an old container goes: a pull would prolong the outage.
    const image = new docker.RemoteImage(`${name}-image`, { name: args.image, keepLocally: true }, child);
    const guard = createGuard(name, args, image, child);
    const nodes = nodesOf(spec.replicas, args.primary).map((node) => ({
      node,
      container: createNode(name, node, args, image, { ...child, dependsOn: guard }).id,
    }));
    const server = new DatabaseServer(
      `${name}-server`,
      {
        ...owner,
        ...{ database, engine: spec.engine, network: args.network, nodes, primary: args.primary },
        ...{ synchronous: spec.synchronous, databases: [...spec.databases], logins: args.logins },
        ...{ replicationPassword: args.replicationPassword, backupPassword: args.backupPassword },
        ...{ readySeconds: spec.readySeconds, pidsLimit: PIDS_LIMIT },
      },
      child,
    );
    const primary = nodes.find(({ node }) => node === args.primary);
    this.data = server.data;
    this.ready =
      primary && spec.data
        ? createContent(
            name,
            args,
            { container: primary.container, data: server.data },
            { ...child, dependsOn: server },
          )
        : server;
    this.registerOutputs({});
  }
}

/** Numbers of the servers: the primary's, and the lowest others. */
export function nodesOf(replicas: number, primary: number): number[] {
  const others = Array.from({ length: replicas + 1 }, (_, index) => index + 1).filter((node) => node !== primary);
  return [primary, ...others.slice(0, replicas)].sort((a, b) => a - b);
}

/** Whatever replaces the primary's container has to pass it first. */
function createGuard(
  name: string,
  args: DatabaseArgs,
  image: docker.RemoteImage,
  opts: pulumi.CustomResourceOptions,
): DatabaseGuard {
  const { owner, database, spec, primary } = args;
  const plan = planNode(primary, args);
  const container = plan.name;
  const replacedBy = createHash("sha256").update(JSON.stringify(plan)).digest("hex");
  return new DatabaseGuard(
    `${name}-guard`,
    { ...owner, database, engine: spec.engine, container, volume: container, image: image.imageId, replacedBy },
    opts,
  );
}

/** What a new database begins with. */
function createContent(
  name: string,
  { owner, database, spec: { engine, data } }: DatabaseArgs,
  server: { container: pulumi.Input<string>; data: DatabaseServer["data"] },
  opts: pulumi.CustomResourceOptions,
): DatabaseContent {
  // From the project's root, where Pulumi starts its plugins: another checkout is no change.
  const below = (file: string | undefined) => (file === undefined ? undefined : relative(process.cwd(), file));
  const content =
    data?.kind === "clone" ? { clone: data.stack, sanitize: below(data.sanitize) } : { seed: below(data?.file) };
  const own = server.data.apply((all) => all?.[database]);
  return new DatabaseContent(
    `${name}-content`,
    { namespace: owner.namespace, database, engine, container: server.container, data: own, ...content },
    opts,
  );
}

function createNode(
  name: string,
  node: number,
  args: DatabaseArgs,
  image: docker.RemoteImage,
  opts: pulumi.CustomResourceOptions,
): docker.Container {
  const { owner, database, spec, network, retained } = args;
  const own = `${database}-${node}`;
  const volume = new Volume(`${name}-${node}`, { owner, volume: own, retained }, { parent: opts.parent });
  return new docker.Container(
    `${name}-${node}`,
    {
      ...planNode(node, args),
      image: image.imageId,
      // The names of primary and replicas are given to those that are ready, and move with a promotion.
      networksAdvanced: [{ name: network, aliases: [own] }],
      volumes: [{ containerPath: ENGINES[spec.engine].volume, volumeName: volume.volumeName }],
    },
    { ...opts, deleteBeforeReplace: true, replaceOnChanges: REPLACE_ON_CHANGES },
  );
}

/** What of a server's container is known beforehand: a change of nearly all of it replaces the container. */
function planNode(node: number, { owner, database, spec }: DatabaseArgs) {
  const engine = ENGINES[spec.engine];
  const closed = hardening({ memoryMb: spec.memoryMb, cpus: spec.cpus });
  return {
    ...closed,
    // Two of one name cannot be there, so that no volume has two writers.
    name: `${owner.namespace}-${owner.environment}-${database}-${node}`,
    entrypoints: ["sh", "-c", engine.script(), spec.engine],
    command: serverArguments(spec),
    envs: [`SLIPWAY_DATABASE=${database}`, `SLIPWAY_NODE=${node}`],
    labels: [
      ...labelsFor(owner, { role: "database" }),
      ...toLabels({ "slipway.database": database, "slipway.engine": spec.engine, "slipway.node": String(node) }),
    ],
    user: USER,
    tmpfs: { ...closed.tmpfs, [engine.socket]: "rw,noexec,nosuid,nodev,size=1m,uid=999,gid=999,mode=0775" },
    shmSize: Math.max(64, Math.floor(spec.memoryMb / 4)),
    healthcheck: { tests: engine.health, interval: "5s", timeout: "3s", retries: 6, startPeriod: "60s" },
    restart: "unless-stopped",
    stopSignal: engine.stopSignal,
    stopTimeout: STOP_SECONDS,
    destroyGraceSeconds: STOP_SECONDS,
    wait: false,
  } satisfies Omit<docker.ContainerArgs, "image">;
}
