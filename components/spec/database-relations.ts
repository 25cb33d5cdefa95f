import { DATABASE_ENGINES, databaseEngine, databasePlace } from "./database-shape.ts";
import { type Fault, pathOf, shown } from "./error.ts";
import { fault, nameFaults } from "./relations.ts";
import { isName, nameRule } from "./rules.ts";
import type { DatabaseSketch, Sketch } from "./sketch.ts";
import { choice } from "./suggestion.ts";

const NAME_LENGTH = 24;
/** Databases that a server has of itself. */
const RESERVED = ["mysql", "postgres", "sys", "template0", "template1"];
/** What PostgreSQL takes for something else than a login of that name. */
const RESERVED_LOGINS = ["none", "postgres", "public"];
/** Settings that make a server what it is here: where its data lies, how it is reached and what it promises. */
const OURS =
  /^(archive_(mode|command|library)|bind_address|binlog_format|data_directory|datadir|fsync|full_page_writes|gtid_.*|hba_file|innodb_doublewrite|innodb_flush_log_at_trx_commit|listen_addresses|log_bin|log_slave_updates|pid_file|port|primary_.*|read_only|server_id|skip_.*|socket|sync_binlog|synchronous_(commit|standby_names)|unix_socket_directories|wal_level)$/;

const SETTING = /^[a-z][a-z0-9_.]*$/;

/** Checks database servers by themselves and how programs name them. Pure. */
export function databaseFaults(environment: Sketch): Fault[] {
  const { databases, services, jobs } = environment;
  const programs = [
    ...Object.entries(services).map(([name, program]) => ({ path: ["services", name], name, program })),
    ...Object.entries(jobs).map(([name, program]) => ({ path: ["jobs", name], name, program })),
  ];
  return [
    ...nameFaults("databases", databases),
    ...Object.entries(databases).flatMap(([name, database]) => [
      ...collisionFaults(name, environment),
      ...(RESERVED.includes(name) ? [fault(["databases", name], reservedMessage(name))] : []),
      ...(database === undefined ? [] : serverFaults(["databases", name], database)),
      ...(database?.backup ? sealedFaults(["databases", name, "backup", "to"], database.backup, environment) : []),
    ]),
    ...programs.flatMap(({ path, name, program }) =>
      program?.database === undefined ? [] : accessFaults(path, name, program, databases),
    ),
  ];
}

/** A server is reached by its name, as services are, and its volumes are called after it. */
function collisionFaults(name: string, { services, jobs, volumes }: Sketch): Fault[] {
  const numbered = new RegExp(
    `^${name.replaceAll(/[^a-z0-9-]/g, "")}(-[0-9]|-replica|-backups?|-backup-directory|-proof|-scratch)$`,
  );
  const others = [
    ...Object.keys(services).map((other) => ["services", other] as const),
    ...Object.keys(jobs).map((other) => ["jobs", other] as const),
    ...Object.keys(volumes).map((other) => ["volumes", other] as const),
  ];
  return others
    .filter(([kind, other]) => numbered.test(other) || (kind !== "volumes" && other === name))
    .map((other) =>
      fault(
        ["databases", name],
        `must have names of its own, as it has servers ${name}-1, …: there is ${pathOf(other)}`,
      ),
    );
}

function serverFaults(path: readonly string[], database: DatabaseSketch): Fault[] {
  const { engine: word, backup, version, memoryMb, replicas = 0, synchronous, settings } = database;
  const ours = Object.keys(settings).filter((setting) => OURS.test(setting));
  const rule = "must be named with lower-case letters, digits, _ and .";
  const faults = [
    ...Object.keys(settings).flatMap((name) => (SETTING.test(name) ? [] : [fault([...path, "settings", name], rule)])),
    ...ours.map((setting) => fault([...path, "settings", setting], "must not be set: Slipway sets it")),
  ];
  if (synchronous === true && replicas === 0) {
    faults.push(fault([...path, "synchronous"], `must have replicas of at least 1, got replicas = ${replicas}`));
  }
  if (word === undefined) return faults;
  const engine = databaseEngine(word);
  if (backup?.pointInTime) faults.push(...pointInTimeFaults([...path, "backup", "pointInTime"], engine, backup));
  const { versions, leastMemoryMb } = DATABASE_ENGINES[engine];
  if (version !== undefined && !versions.some((known) => known === version)) {
    const known = `there are: ${versions.join(", ")}`;
    faults.push(fault([...path, "version"], `must be a version of ${engine}, got ${shown(version)}; ${known}`));
  }
  if (memoryMb !== undefined && memoryMb < leastMemoryMb) {
    const least = `must be at least ${leastMemoryMb} (MiB) for ${engine}`;
    faults.push(fault([...path, "memoryMb"], `${least}, got ${memoryMb}`));
  }
  return faults;
}

type Backup = NonNullable<DatabaseSketch["backup"]>;

function pointInTimeFaults(path: readonly string[], engine: string, backup: Backup): Fault[] {
  return [
    ...(engine === "postgres"
      ? []
      : [fault(path, `must be left out for ${engine}: PostgreSQL alone can go back to a moment`)]),
    ...(backup.to.kind === "s3"
      ? [fault(path, "must be left out with to = s3: WAL is received into a volume or a directory")]
      : []),
    ...(backup.encrypt ? [fault(path, "must be left out with encrypt: WAL is kept as it is received")] : []),
  ];
}

/** What takes the backups is on the environment's network, from which a sealed one has no way out. */
function sealedFaults(path: readonly string[], { to }: Backup, { sealed, services }: Sketch): Fault[] {
  if (sealed !== true || to.kind !== "s3") return [];
  const { bucket, endpoint } = to.bucket;
  if (endpoint !== undefined && URL.canParse(endpoint) && Object.hasOwn(services, new URL(endpoint).hostname))
    return [];
  const got = `s3 with bucket = ${shown(bucket)} at ${endpoint === undefined ? "Amazon's servers" : shown(endpoint)}`;
  const rule = "must be within reach of a sealed environment";
  const advice = 'keep them in "volume" or a { directory: … }, which may be a mounted share, or take sealed out';
  return [fault(path, `${rule}, whose containers reach nothing outside, got ${got}; ${advice}`)];
}

type Program = NonNullable<Sketch["services"][string] | Sketch["jobs"][string]>;

function accessFaults(
  path: readonly string[],
  name: string,
  { database: access, env, secrets }: Program,
  databases: Sketch["databases"],
): Fault[] {
  if (access?.at === undefined) return [];
  const place = [...path, "database"];
  const { server, database } = databasePlace(access.at);
  const variables = Object.keys(env).filter((variable) => variable.startsWith("DATABASE_"));
  const faults = [
    ...variables.map((variable) => fault([...path, "env", variable], "must not be set with database, which sets it")),
    ...(Object.hasOwn(secrets, "database-password")
      ? [fault([...path, "secrets", "database-password"], "must not be set with database, which sets it")]
      : []),
    ...(isName(database, NAME_LENGTH) ? [] : [fault(place, `must ${nameRule(NAME_LENGTH)}, got ${shown(database)}`)]),
    ...(database !== server && RESERVED.includes(database) ? [fault(place, reservedMessage(database))] : []),
  ];
  if (!Object.hasOwn(databases, server)) {
    const hint = choice(server, Object.keys(databases));
    return [...faults, fault(place, `must be a database of this environment, got ${shown(server)}${hint}`)];
  }
  const isTaken = databases[server]?.engine === "postgres" && RESERVED_LOGINS.includes(name);
  const rule = `must not be used by a program called ${shown(name)}, which PostgreSQL has no login for`;
  return isTaken ? [...faults, fault(place, rule)] : faults;
}

function reservedMessage(name: string): string {
  return `must have a name that no server uses itself, got ${shown(name)}`;
}
