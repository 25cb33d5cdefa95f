import type { Readable } from "node:stream";
import type Docker from "dockerode";
import { amountOf } from "../../backup/manifest.ts";
import { refusalOf, replaceContent, restorerOf } from "../../provider/backup/restore.ts";
import type { Target } from "../../provider/backup/restore.ts";
import { replacedName } from "../../provider/backup/restorer.ts";
import { connect } from "../../provider/engine/engine.ts";
import { backupJobsOf, listBackups } from "../backup/jobs.ts";
import type { BackupJob, ListedBackup } from "../backup/jobs.ts";
import { describe, ExitCode, UserError } from "../errors.ts";
import { interruptible } from "../interruption.ts";
import type { Places } from "../places.ts";
import { duration } from "../report.ts";
import { readStack } from "../stack/releases.ts";
import type { RecordedJob } from "../stack/releases.ts";
import { chosen } from "./backup.ts";

/** What the user asks for. */
export interface RestoreOptions {
  stack: string;
  /** `main`, or `main/reports` for the database `reports` of the server `main`. */
  database: string;
  /** Backup that is restored; undefined for the newest that no proof has failed. */
  from: string | undefined;
  /** Moment to go back to, instead of a backup. */
  at: Date | undefined;
}

/**
 * Puts a backup in the place of a database: it is restored into a fresh one beside it, compared with what was backed up,
 * and takes the other's place at once. Whatever fails before leaves the database as it was, Ctrl-C among it.
 *
 * @throws {UserError} when there is no such backup, when the server cannot take it, and when it is not as it was.
 */
export async function restore(
  { stack, database: place, from, at }: RestoreOptions,
  places: Places,
  environment: Record<string, string>,
  output: NodeJS.WriteStream,
): Promise<number> {
  const began = Date.now();
  const { host, databases, jobs } = await readStack(stack, places, environment);
  const docker = await connect({ config: { host: host ?? environment.DOCKER_HOST } });
  const [server = "", database = server] = place.split("/");
  const [job] = chosen(await backupJobsOf(docker, databases), stack, server);
  if (!job) throw new TypeError("a backup was chosen of no server");
  const restored = async (signal: AbortSignal) => {
    if (at) return `${place} is as it was at ${await restoreMoment(docker, job, database, at, signal)}`;
    const backup = pick(await listBackups(job), database, from);
    return `${place} is as ${await restoreBackup(docker, job, backup, signal)}`;
  };
  const what = await interruptible(output, restored);
  output.write(
    `${what} [${duration(Date.now() - began)}]. What it was before is ${replacedName(database)}, until the next restore.\n`,
  );
  const prepared = preparing(jobs, databases.find((each) => each.database === server)?.data?.[database]);
  if (prepared.length > 0) {
    output.write(
      `Its schema is that of then: npm run up -- -s ${stack} --refresh runs ${prepared.join(" and ")} for what came since.\n`,
    );
  }
  return ExitCode.done;
}

/** The jobs that have run on some data before a release, such as migrations. */
function preparing(jobs: readonly RecordedJob[], data: string | undefined): string[] {
  return jobs.filter((each) => data !== undefined && each.data === data).map(({ job }) => job);
}

/** The backup that is meant. @throws {UserError} naming those there are. */
export function pick(backups: readonly ListedBackup[], database: string, id: string | undefined): ListedBackup {
  const own = backups.filter((backup) => backup.database === database);
  const good = own.filter(({ proof }) => proof?.ok !== false);
  const found = id === undefined ? good.at(-1) : own.find((backup) => backup.id === id);
  if (found) return found;
  const remedy =
    own.length === 0 ? "Take one first: npm run backup" : `Choose one of ${own.map((each) => each.id).join(", ")}.`;
  throw new UserError(
    `there is no ${id === undefined ? "good backup" : `backup "${id}"`} of ${database}`,
    remedy,
    ExitCode.usage,
  );
}

async function restoreBackup(
  docker: Docker,
  job: BackupJob,
  backup: ListedBackup,
  signal: AbortSignal,
): Promise<string> {
  const { server, tool } = job;
  const target = targetOf(docker, job, backup.database);
  const { restorer, primary, database } = target;
  const refusal = refusalOf(backup, { engine: server.engine, version: await restorer.version(primary) });
  if (refusal !== undefined) {
    const remedy = "Restore it into a server of its own engine and version, or a newer one.";
    throw new UserError(`${backup.id} cannot be restored into ${server.database}: ${refusal}`, remedy, ExitCode.usage);
  }
  const fill = async (fresh: string) => {
    await load(job, ["fetch", database, backup.id], target, fresh, signal);
    const compared = await tool.runUntil(signal, "compare", database, backup.id, fresh);
    if (compared.code !== 0) throw new Error(compared.stderr);
  };
  await replace(job, backup.id, target, fill, signal);
  const rows = backup.tables.reduce((sum, table) => sum + table.rows, 0);
  return `${backup.id} has it: ${amountOf(rows, backup.tables.length)}`;
}

async function restoreMoment(
  docker: Docker,
  job: BackupJob,
  database: string,
  at: Date,
  signal: AbortSignal,
): Promise<string> {
  const moment = at.toISOString();
  const target = targetOf(docker, job, database);
  const fill = (fresh: string) => load(job, ["fetch-at", database, moment], target, fresh, signal);
  await replace(job, moment, target, fill, signal);
  return moment;
}

function targetOf(docker: Docker, { server }: BackupJob, database: string): Target {
  const node = server.nodes.find((each) => each.node === server.primary);
  return { restorer: restorerOf(server.engine), primary: docker.getContainer(node?.container ?? ""), database };
}

async function load(
  { tool }: BackupJob,
  words: readonly string[],
  { restorer, primary, database }: Target,
  fresh: string,
  signal: AbortSignal,
): Promise<void> {
  const read = (dump: Readable) => restorer.load(primary, database, fresh, dump);
  const { code, stderr } = await tool.read(words, read, signal);
  if (code !== 0) throw new Error(stderr);
}

async function replace(
  { server }: BackupJob,
  what: string,
  target: Target,
  fill: (fresh: string) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  await replaceContent(target, fill, signal).catch((error: unknown) => {
    const remedy = `${target.database} is as it was. npm run backups -- -s ${server.environment} lists what there is.`;
    throw new UserError(`${what} could not be restored: ${describe(error)}`, remedy, ExitCode.failed);
  });
  await target.restorer.renew(target.primary, target.database);
}
