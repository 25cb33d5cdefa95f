import { connect } from "../../provider/engine/engine.ts";
import { backupHealthOf, backupsText } from "../backup/health.ts";
import { ExitCode } from "../errors.ts";
import type { Places } from "../places.ts";
import { paint } from "../report.ts";
import { databaseHealthOf } from "../stack/database-health.ts";
import type { DatabaseHealth, NodeHealth } from "../stack/database-health.ts";
import { healthOf } from "../stack/health.ts";
import type { ServiceHealth } from "../stack/health.ts";
import { resultsOf } from "../stack/jobs.ts";
import type { JobResult } from "../stack/jobs.ts";
import { readStack } from "../stack/releases.ts";
import { shortDigest, table } from "../stack/table.ts";

const HEADING = ["service", "version", "digest", "released", "gate", "switch", "drain", "replicas", "health"];
const JOB_HEADING = ["job", "version", "digest", "runs", "began", "took", "result"];
const DATABASE_HEADING = ["database", "server", "role", "lag", "health"];

/**
 * Shows what runs of a stack: each service with its version, its last release and whether its containers work, each database
 * with its servers, how far its replicas are and how its backups fare, and how the last run of each job went.
 *
 * @returns 0 when every container works, every replica follows, no job's last run has failed, and no backup has failed, is
 * missing, overdue or no good; else 1.
 */
export async function showStatus(
  { stack, json }: { stack: string; json: boolean },
  places: Places,
  environment: Record<string, string>,
  output: NodeJS.WriteStream,
): Promise<number> {
  const { host, releases, databases: recorded, jobs: recordedJobs } = await readStack(stack, places, environment);
  const docker = await connect({ config: { host: host ?? environment.DOCKER_HOST } });
  const [services, databases, backups, jobs] = await Promise.all([
    healthOf(docker, releases.values()),
    databaseHealthOf(docker, recorded),
    backupHealthOf(docker, recorded),
    resultsOf(docker, recordedJobs),
  ]);
  const text = () =>
    textOf(stack, services, output) +
    databasesText(databases, output) +
    backupsText(backups, output) +
    jobsText(jobs, output);
  output.write(json ? `${JSON.stringify({ stack, services, databases, backups, jobs }, undefined, 2)}\n` : text());
  const containers = services.flatMap((service) => service.containers);
  const all = [...containers, ...databases.flatMap(({ nodes }) => nodes), ...jobs];
  const isBackedUp = backups.every(({ fault }) => fault === null);
  return isBackedUp && all.every(({ works }) => works) ? ExitCode.done : ExitCode.failed;
}

function textOf(stack: string, services: readonly ServiceHealth[], output: NodeJS.WriteStream): string {
  if (services.length === 0) return `Stack ${stack} runs no service.\n`;
  return table(
    HEADING,
    services.map(({ service, version, image, releasedAt, took, containers }) => [
      ...[service, version, shortDigest(image), toSeconds(releasedAt)],
      ...[took.gate, took.switch, took.drain].map((seconds) => `${seconds.toFixed(1)} s`),
      ...[String(containers.length), healthText(containers, output)],
    ]),
  );
}

function jobsText(jobs: readonly JobResult[], output: NodeJS.WriteStream): string {
  if (jobs.length === 0) return "";
  const rows = jobs.map(({ job, version, image, schedule = "before a release", began, seconds, ...result }) => [
    ...[job, version, shortDigest(image), schedule, began === undefined ? "never" : toSeconds(began)],
    ...[seconds === undefined ? "" : `${seconds.toFixed(1)} s`, resultText(result, output)],
  ]);
  return `\n${table(JOB_HEADING, rows)}`;
}

function resultText(
  { works, state, exitCode }: Pick<JobResult, "works" | "state" | "exitCode">,
  output: NodeJS.WriteStream,
): string {
  const { green, red } = paint(output);
  if (exitCode === undefined) return works ? state : red(`is ${state}`);
  return (works ? green : red)(`exit code ${exitCode}`);
}

/** Without its thousandths. */
function toSeconds(time: string): string {
  return time.replace(/\.\d+Z$/, "Z");
}

function databasesText(databases: readonly DatabaseHealth[], output: NodeJS.WriteStream): string {
  if (databases.length === 0) return "";
  const rows = databases.flatMap(({ database, engine, nodes }) =>
    nodes.map((node, index) => [
      ...[index === 0 ? `${database} (${engine})` : "", node.node, node.role ?? "", lagText(node)],
      nodeText(node, output),
    ]),
  );
  return `\n${table(DATABASE_HEADING, rows)}`;
}

function lagText({ lagBytes, lagSeconds }: NodeHealth): string {
  if (lagSeconds === null) return "";
  return `${lagSeconds.toFixed(1)} s${lagBytes === null ? "" : `, ${lagBytes} B`}`;
}

function nodeText({ works, state, role, restarts }: NodeHealth, output: NodeJS.WriteStream): string {
  const { green, red } = paint(output);
  const restarted = restarts === 0 ? "" : `, ${restarts} restart${restarts === 1 ? "" : "s"}`;
  if (works) return green("works") + restarted;
  if (state !== "running") return red(`is ${state}`) + restarted;
  const complaints = { primary: "is a second primary", replica: "does not follow" };
  return red(role === undefined ? "does not answer" : complaints[role]) + restarted;
}

function healthText(containers: ServiceHealth["containers"], output: NodeJS.WriteStream): string {
  const { green, red } = paint(output);
  const unwell = containers.filter(({ works }) => !works);
  const restarts = containers.reduce((sum, container) => sum + container.restarts, 0);
  const restarted = restarts === 0 ? "" : `, ${restarts} restart${restarts === 1 ? "" : "s"}`;
  if (unwell.length === 0) return green("works") + restarted;
  const which = unwell.map(({ name, state }) => `${name} ${state === "running" ? "does not answer" : `is ${state}`}`);
  return red(which.join(", ")) + restarted;
}
