import { execa } from "execa";
import { ExitCode, UserError } from "../errors.ts";
import type { Places } from "../places.ts";
import { deploy } from "../stack/deploy.ts";
import { readStack } from "../stack/releases.ts";
import type { RecordedRelease, ReleaseRecord } from "../stack/releases.ts";
import { shortDigest, table } from "../stack/table.ts";

/** What the user asks for. */
export interface RollbackOptions {
  stack: string;
  /** Service to take back; without it the releases are listed. */
  service: string | undefined;
  /** Version or beginning of a digest to go to. @default the release before the current one */
  to: string | undefined;
  /** True takes the pin out again: the service goes to what its sources declare. */
  off: boolean;
  json: boolean;
}

/**
 * Takes a service back to an earlier image without building anything, by a pin in the stack's configuration: as long as it
 * is there, every `up` keeps that image.
 *
 * @returns Pulumi's exit code.
 * @throws {UserError} when there is no such service or release.
 */
export async function rollBack(
  options: RollbackOptions,
  places: Places,
  environment: Record<string, string>,
  output: NodeJS.WriteStream,
): Promise<number> {
  const { stack, service, off } = options;
  const { releases } = await readStack(stack, places, environment);
  if (service === undefined) return list([...releases.values()], options, output);
  const release = releases.get(service);
  if (!release)
    throw refusal(`there is no service "${service}" in ${stack}`, `Choose one of ${[...releases.keys()].join(", ")}.`);
  const pin = ["--path", `slipway:pins["${service}"]`];
  const target = off ? undefined : targetOf(release, options.to);
  const command = target ? ["config", "set", ...pin, target.image] : ["config", "rm", ...pin];
  await execa("pulumi", [...command, "--stack", stack, "--non-interactive"], {
    cwd: places.repository,
    env: environment,
  });
  const file = `Pulumi.${stack}.yaml`;
  output.write(
    target
      ? `${file} now pins ${service} to ${target.version}; commit it to keep that, and take it out with \`npm run rollback -- -s ${stack} ${service} --off\`.\n`
      : `${file} no longer pins ${service}.\n`,
  );
  return deploy(stack, places, environment, output);
}

/**
 * The release to go back to.
 *
 * @throws {UserError} when there is none, with those there are.
 */
export function targetOf({ service, history }: RecordedRelease, to: string | undefined): ReleaseRecord {
  const [, ...earlier] = history;
  const target =
    to === undefined ? earlier[0] : history.find(({ version, image }) => version === to || isDigestPrefix(to, image));
  if (target) return target;
  const known = history.map(({ version }) => version).join(", ");
  if (to !== undefined) throw refusal(`--to: ${service} has no release "${to}"`, `Choose one of ${known}.`);
  throw refusal(`${service} has no earlier release than ${known}`, "Deploy an earlier commit instead.");
}

function isDigestPrefix(text: string, image: string): boolean {
  const digest = image.slice(image.lastIndexOf("@") + 1);
  return text.length >= 7 && (digest.startsWith(text) || digest.startsWith(`sha256:${text}`));
}

function list(
  releases: readonly RecordedRelease[],
  { stack, json }: RollbackOptions,
  output: NodeJS.WriteStream,
): number {
  if (json) {
    const services = releases.map(({ service, history }) => ({ service, releases: history }));
    output.write(`${JSON.stringify({ stack, services }, undefined, 2)}\n`);
    return ExitCode.done;
  }
  const rows = releases.flatMap(({ service, history }) =>
    history.map(({ version, image, commit, releasedAt }, index) => [
      ...[index === 0 ? service : "", version, shortDigest(image), commit ?? "-", releasedAt.replace(/\.\d+Z$/, "Z")],
      index === 0 ? "runs" : "",
    ]),
  );
  output.write(table(["service", "version", "digest", "commit", "released", ""], rows));
  return ExitCode.done;
}

function refusal(message: string, remedy: string): UserError {
  return new UserError(message, remedy, ExitCode.usage);
}
