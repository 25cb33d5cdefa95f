import type Docker from "dockerode";
import { lastLogLines } from "../container-log.ts";
import { containersLabelled } from "../release/orphans.ts";
import { statusOf } from "../engine/engine.ts";

/** Whose backups are meant. */
export interface BackedUp {
  namespace: string;
  environment: string;
  /** Database server. */
  database: string;
}

/** The container of the job that backs a database server up; undefined where there is none on this engine. */
export async function backupJob(
  docker: Docker,
  { namespace, environment, database }: BackedUp,
): Promise<Docker.Container | undefined> {
  const [name] = await containersLabelled(docker, { namespace, environment, job: `${database}-backup`, role: "job" });
  return name === undefined ? undefined : docker.getContainer(name);
}

/**
 * Takes a backup as the schedule does; one that is being taken already counts.
 *
 * @throws {Error} with the job's last words when it fails.
 */
export async function takeBackup(job: Docker.Container): Promise<void> {
  await job.start().catch((error: unknown) => {
    if (statusOf(error) !== 304) throw error;
  });
  const { StatusCode } = (await job.wait()) as { StatusCode: number };
  if (StatusCode !== 0) throw new Error(`exit code ${StatusCode}:\n${await lastLogLines(job)}`);
}
