import { connect } from "../../provider/engine/engine.ts";
import { backupsText, healthOfJob, proofText, shortTime } from "../backup/health.ts";
import type { BackupHealth } from "../backup/health.ts";
import { backupJobsOf, listBackups } from "../backup/jobs.ts";
import type { ListedBackup } from "../backup/jobs.ts";
import { ExitCode } from "../errors.ts";
import type { Places } from "../places.ts";
import { readStack } from "../stack/releases.ts";
import { table } from "../stack/table.ts";

const HEADING = ["backup", "database", "taken", "took", "rows", "size", "proven", "where"];

/**
 * Lists the backups of a stack's databases.
 *
 * @returns 0 when every database has the backups that it should, else 1.
 */
export async function showBackups(
  { stack, json }: { stack: string; json: boolean },
  places: Places,
  environment: Record<string, string>,
  output: NodeJS.WriteStream,
): Promise<number> {
  const { host, databases } = await readStack(stack, places, environment);
  const docker = await connect({ config: { host: host ?? environment.DOCKER_HOST } });
  const jobs = await backupJobsOf(docker, databases);
  const backups = await Promise.all(jobs.map(listBackups));
  const health = jobs.map((job, index) => healthOfJob(job, backups[index] ?? []));
  const told = { stack, backups: backups.flat(), health: health.flat() };
  output.write(json ? `${JSON.stringify(told, undefined, 2)}\n` : textOf(told, output));
  return told.health.every(({ fault }) => fault === null) ? ExitCode.done : ExitCode.failed;
}

function textOf(
  { stack, backups, health }: { stack: string; backups: readonly ListedBackup[]; health: readonly BackupHealth[] },
  output: NodeJS.WriteStream,
): string {
  if (health.length === 0) return `Stack ${stack} backs up no database.\n`;
  const rows = backups.map((backup) => [
    ...[backup.id, backup.database, shortTime(backup.begun), `${backup.seconds.toFixed(1)} s`],
    ...[String(backup.tables.reduce((sum, { rows: count }) => sum + count, 0)), `${(backup.size / 1e6).toFixed(1)} MB`],
    ...[proofText(backup, output), backup.place],
  ]);
  const there = rows.length === 0 ? `There is no backup of ${stack} yet.\n` : table(HEADING, rows);
  return there + backupsText(health, output);
}
