import { Cron } from "croner";
import type Docker from "dockerode";
import { paint } from "../report.ts";
import type { RecordedDatabase } from "../stack/releases.ts";
import { table } from "../stack/table.ts";
import { backupJobsOf, labelOf, listBackups } from "./jobs.ts";
import type { BackupJob, ListedBackup } from "./jobs.ts";

const HEADING = ["backup", "newest", "proven", "health"];

/** How the backups of one database fare. */
export interface BackupHealth {
  /** `main`, or `main/reports` for another database of the server. */
  database: string;
  /** The newest one; null while there is none. */
  newest: ListedBackup | null;
  /** What is wrong; null when nothing is. */
  fault: string | null;
}

/** What decides; see {@link faultOf}. */
export interface Circumstances {
  schedule: string;
  timeZone: string;
  timeoutSeconds: number;
  /** When the job was deployed, in milliseconds since 1970: before that, nothing was due. */
  deployedAt: number;
  /** How its last run has ended; undefined before there was one, and while it goes on. */
  exitCode: number | undefined;
  /** Milliseconds since 1970. */
  now: number;
}

/** Looks at the backups of every database of the servers that are backed up. */
export async function backupHealthOf(docker: Docker, servers: readonly RecordedDatabase[]): Promise<BackupHealth[]> {
  const jobs = await backupJobsOf(docker, servers);
  return (await Promise.all(jobs.map(async (job) => healthOfJob(job, await listed(job))))).flat();
}

/** The same for one server, of whose backups the list is known, or why there is none. */
export function healthOfJob(job: BackupJob, backups: readonly ListedBackup[] | Error): BackupHealth[] {
  const server = job.server.database;
  return job.databases.map((name) => {
    const database = name === server ? name : `${server}/${name}`;
    if (backups instanceof Error) return { database, newest: null, fault: backups.message };
    const newest = backups.findLast((backup) => backup.database === name) ?? null;
    return { database, newest, fault: faultOf(newest, circumstancesOf(job)) ?? null };
  });
}

/** What is wrong with a database's backups; undefined when nothing is. Pure. */
export function faultOf(newest: ListedBackup | null, circumstances: Circumstances): string | undefined {
  const { exitCode, timeoutSeconds, deployedAt, now, schedule, timeZone } = circumstances;
  if (newest?.proof?.ok === false) return `the newest one is no good: ${newest.proof.fault ?? ""}`;
  const cron = new Cron(schedule, { mode: "5-part", timezone: timeZone, paused: true });
  // One that is due now gets the time that it may take.
  const [due] = cron.previousRuns(1, new Date(now - timeoutSeconds * 1000));
  const last = newest === null ? deployedAt : Math.max(deployedAt, Date.parse(newest.begun));
  if (due !== undefined && last < due.getTime()) {
    const missed = `that of ${shortTime(due.toISOString())} was not taken`;
    return newest === null ? `missing: ${missed}` : `overdue: ${missed}`;
  }
  return exitCode === undefined || exitCode === 0 ? undefined : `the last run failed with exit code ${exitCode}`;
}

/** Shows how backups fare, as a table; empty where nothing is backed up. */
export function backupsText(health: readonly BackupHealth[], output: NodeJS.WriteStream): string {
  if (health.length === 0) return "";
  const { green, red } = paint(output);
  const rows = health.map(({ database, newest, fault }) => [
    ...[database, newest?.id ?? "none yet", proofText(newest, output)],
    fault === null ? green("works") : red(fault),
  ]);
  return `\n${table(HEADING, rows)}`;
}

/** Whether a backup could be restored, for people. */
export function proofText(backup: ListedBackup | null, output: NodeJS.WriteStream): string {
  if (!backup?.proof) return backup ? "not yet" : "";
  const { green, red } = paint(output);
  return backup.proof.ok ? green(shortTime(backup.proof.at)) : red("no good");
}

/** A time without its fractions of a second. */
export function shortTime(time: string): string {
  return time.replace(/\.\d+Z$/, "Z");
}

function circumstancesOf(job: BackupJob): Circumstances {
  const { State, Created } = job.info;
  const hasRun = Date.parse(State.StartedAt) > 0 && !State.Running;
  return {
    ...{ schedule: labelOf(job, "schedule"), timeZone: labelOf(job, "timeZone") },
    ...{ timeoutSeconds: Number(labelOf(job, "timeoutSeconds")), deployedAt: Date.parse(Created) },
    ...{ exitCode: hasRun ? State.ExitCode : undefined, now: Date.now() },
  };
}

async function listed(job: BackupJob): Promise<ListedBackup[] | Error> {
  return listBackups(job).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
}
