import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { run } from "../commands/run.ts";
import { ExitCode } from "../errors.ts";
import type { Places } from "../places.ts";
import { duration, paint } from "../report.ts";
import { readStack } from "./releases.ts";
import type { RecordedRelease } from "./releases.ts";
import { errorsIn, remediesFor } from "./remedies.ts";
import { shortDigest, table } from "./table.ts";

/**
 * Brings a stack to its declared state and shows what became of each service; creates the stack when it is not there.
 *
 * @returns Pulumi's exit code.
 */
export async function deploy(
  stack: string,
  places: Places,
  environment: Record<string, string>,
  output: NodeJS.WriteStream,
  flags: readonly string[] = [],
): Promise<number> {
  const started = Date.now();
  output.write(`\n${paint(output).bold(`Stack ${stack}`)}\n`);
  const options = { cwd: places.repository, env: environment, all: true, reject: false } as const;
  const selected = await execa("pulumi", ["stack", "select", stack, "--create", "--non-interactive"], options);
  if (selected.exitCode !== 0) {
    output.write(`${selected.all}\n`);
    return selected.exitCode ?? ExitCode.failed;
  }
  const before = await readStack(stack, places, environment);
  const { exitCode, errors } = await up(stack, places, environment, flags);
  const after = await readStack(stack, places, environment);
  const rows = releaseRows(before.releases, after.releases);
  if (rows.length > 0) output.write(`\n${table(HEADING, rows)}\n`);
  const sign = exitCode === 0 ? paint(output).green("✔") : paint(output).red("✖");
  const ended = exitCode === 0 ? "deployed" : "failed; what is listed still serves";
  output.write(`${sign} Stack ${stack}: ${ended} [${duration(Date.now() - started)}]\n`);
  for (const remedy of remediesFor(errors)) output.write(`${paint(output).bold("to do")} ${remedy}\n`);
  return exitCode;
}

/** Runs `pulumi up` on the terminal, and tells the errors that it showed. */
async function up(
  stack: string,
  { repository }: Places,
  environment: Record<string, string>,
  flags: readonly string[],
): Promise<{ exitCode: number; errors: string[] }> {
  const directory = await mkdtemp(join(tmpdir(), "slipway-up-"));
  const eventLog = join(directory, "events.json");
  const command = ["pulumi", "up", "--yes", "--skip-preview", "--suppress-outputs", "--suppress-progress"] as const;
  // Pulumi writes events beside what it shows, so that this stays as it is; the flag is one of its debug commands.
  const more = ["--event-log", eventLog, "--stack", stack, ...flags];
  try {
    const exitCode = await run([...command, ...more], repository, { ...environment, PULUMI_DEBUG_COMMANDS: "true" });
    return { exitCode, errors: exitCode === 0 ? [] : await errorsIn(eventLog) };
  } finally {
    await rm(directory, { recursive: true });
  }
}

const HEADING = ["service", "version", "digest", "gate", "switch", "drain", "replicas"];

/** One row for each service: what it runs, and, where this deploy released it, what it ran before and how long it took. */
export function releaseRows(
  before: ReadonlyMap<string, RecordedRelease>,
  after: ReadonlyMap<string, RecordedRelease>,
): string[][] {
  return [...after.values()].map(({ service, version, image, took, released, releasedAt }) => {
    const old = before.get(service);
    const isReleased = old?.releasedAt !== releasedAt;
    const versions = old && old.version !== version ? `${old.version} → ${version}` : version;
    const seconds = [took.gate, took.switch, took.drain].map((each) => (isReleased ? `${each.toFixed(1)} s` : "-"));
    return [service, versions, shortDigest(image), ...seconds, String(released.length)];
  });
}
