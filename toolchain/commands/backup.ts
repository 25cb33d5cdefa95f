import type Docker from "dockerode";
import { pipeline } from "node:stream/promises";
import { Demultiplexer } from "../../provider/backup/demultiplexer.ts";
import { connect, statusOf } from "../../provider/engine/engine.ts";
import { backupJobsOf } from "../backup/jobs.ts";
import type { BackupJob } from "../backup/jobs.ts";
import { ExitCode, UserError } from "../errors.ts";
import type { Places } from "../places.ts";
import { paint } from "../report.ts";
import { readStack } from "../stack/releases.ts";

/**
 * Backs up the databases of a stack now, or one of them, as the schedule does it; or proves the newest backups that there
 * are.
 *
 * @returns 0 when each backup was taken, and proven where that is declared; else 1.
 * @throws {UserError} when there is nothing to back up.
 */
export async function backUpNow(
  { stack, database, proveOnly }: { stack: string; database: string | undefined; proveOnly: boolean },
  places: Places,
  environment: Record<string, string>,
  output: NodeJS.WriteStream,
): Promise<number> {
  const { host, databases } = await readStack(stack, places, environment);
  const docker = await connect({ config: { host: host ?? environment.DOCKER_HOST } });
  const jobs = chosen(await backupJobsOf(docker, databases), stack, database);
  let failures = 0;
  for (const job of jobs) {
    const code = await (proveOnly ? proveNow(job, output) : runNow(docker, job, output));
    if (code !== 0) failures += 1;
  }
  return failures === 0 ? ExitCode.done : ExitCode.failed;
}

/** The job of a database that is named, else all. @throws {UserError} when there is none. */
export function chosen(jobs: readonly BackupJob[], stack: string, database: string | undefined): readonly BackupJob[] {
  const named = jobs.filter(({ server }) => database === undefined || server.database === database);
  if (named.length > 0) return named;
  const names = jobs.map(({ server }) => server.database).join(", ");
  if (names === "") {
    const remedy = "Give a database a backup in its stack file, backup: { schedule: … }, and deploy it.";
    throw new UserError(`no database of ${stack} is backed up`, remedy, ExitCode.usage);
  }
  throw new UserError(
    `no database "${database ?? ""}" of ${stack} is backed up`,
    `Choose one of ${names}.`,
    ExitCode.usage,
  );
}

/** Starts the job's own container, so that it does not run beside itself, and shows what it says. */
async function runNow(
  docker: Docker,
  { container: name, server }: BackupJob,
  output: NodeJS.WriteStream,
): Promise<number> {
  const container = docker.getContainer(name);
  const attached = await container.attach({ stream: true, stdout: true, stderr: true });
  const printed = new Demultiplexer();
  const shown = pipeline(attached, printed, output, { end: false });
  try {
    await container.start();
  } catch (error) {
    printed.destroy();
    await shown.catch(() => undefined);
    throw refusal(error, server.database);
  }
  const { StatusCode } = (await container.wait()) as { StatusCode: number };
  await shown;
  if (printed.complaints !== "") output.write(paint(output).red(printed.complaints));
  return StatusCode;
}

/** Proves the newest backups again. */
async function proveNow({ tool }: BackupJob, output: NodeJS.WriteStream): Promise<number> {
  const { code, stdout, stderr } = await tool.run("prove");
  output.write(stdout);
  if (stderr !== "") output.write(paint(output).red(`${stderr}\n`));
  return code;
}

function refusal(error: unknown, database: string): unknown {
  if (statusOf(error) !== 304) return error;
  return new UserError(`a backup of ${database} is being taken already`, "Wait until it has ended.", ExitCode.failed);
}
