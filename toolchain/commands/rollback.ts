import { ExitCode, UserError } from "../errors.ts";
import type { Places } from "../places.ts";
import { deploy } from "../stack/deploy.ts";
import { parsePackages } from "../stack/packages.ts";
import type { PackageVersion, RecordedPackage } from "../stack/packages.ts";
import { pulumi } from "../stack/pulumi.ts";
import { exportStack, parseStack } from "../stack/releases.ts";
import type { RecordedRelease, ReleaseRecord } from "../stack/releases.ts";
import { shortDigest, table } from "../stack/table.ts";

/** What the user asks for. */
export interface RollbackOptions {
  stack: string;
  /** Service or data package to take back; without it what can be gone back to is listed. */
  subject: string | undefined;
  /** Version or beginning of a digest to go to. @default the release before the current one */
  to: string | undefined;
  /** True takes the pin out again: it goes to what its sources declare. */
  off: boolean;
  json: boolean;
}

/**
 * Takes a service back to an earlier image without building anything, or a data package to an earlier version without its
 * source, by a pin in the stack's configuration: as long as it is there, every `up` keeps that image or version.
 *
 * @returns Pulumi's exit code.
 * @throws {UserError} when there is no such service, package, release or version.
 */
export async function rollBack(
  options: RollbackOptions,
  places: Places,
  environment: Record<string, string>,
  output: NodeJS.WriteStream,
): Promise<number> {
  const { stack, subject, off } = options;
  const context = { places, environment };
  const exported = await exportStack(stack, context);
  const { releases } = parseStack(exported);
  const packages = parsePackages(exported);
  if (subject === undefined) return list([...releases.values()], packages, options, output);
  const [release, data] = [releases.get(subject), packages.find(({ name }) => name === subject)];
  if (!release && !data) {
    const known = [...releases.keys(), ...packages.map(({ name }) => name)].join(", ");
    throw refusal(`there is no service or data package "${subject}" in ${stack}`, `Choose one of ${known}.`);
  }
  const pin = ["--path", `slipway:${release ? "pins" : "packages"}["${subject}"]`, "--stack", stack];
  const target = off ? undefined : pinOf(release, data, options.to);
  await pulumi(context, "config", ...(target ? ["set", "--plaintext", ...pin, target.value] : ["rm", ...pin]));
  const file = `Pulumi.${stack}.yaml`;
  output.write(
    target
      ? `${file} now pins ${subject} to ${target.version}; commit it to keep that, and take it out with \`npm run rollback -- -s ${stack} ${subject} --off\`.\n`
      : `${file} no longer pins ${subject}.\n`,
  );
  return deploy(stack, places, environment, output);
}

/** What is written down for a release or a version to go back to, and what people call it. */
function pinOf(
  release: RecordedRelease | undefined,
  data: RecordedPackage | undefined,
  to: string | undefined,
): { value: string; version: string } {
  if (release) {
    const { image, version } = targetOf(release, to);
    return { value: image, version };
  }
  if (!data) throw new TypeError("neither a release nor a package");
  const { digest } = earlierOf(data, to);
  return { value: digest, version: versionOf(digest) };
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

/**
 * The version of a data package to go back to.
 *
 * @throws {UserError} when there is none, with those there are.
 */
export function earlierOf({ name, history }: RecordedPackage, to: string | undefined): PackageVersion {
  const target = to === undefined ? history[1] : history.find(({ digest }) => to.length >= 7 && digest.startsWith(to));
  if (target) return target;
  const known = history.map(({ digest }) => versionOf(digest)).join(", ");
  if (to !== undefined) throw refusal(`--to: ${name} has no version "${to}"`, `Choose one of ${known}.`);
  throw refusal(`${name} has no earlier version than ${known}`, "Deploy an earlier commit instead.");
}

function versionOf(digest: string): string {
  return digest.slice(0, 12);
}

function isDigestPrefix(text: string, image: string): boolean {
  const digest = image.slice(image.lastIndexOf("@") + 1);
  return text.length >= 7 && (digest.startsWith(text) || digest.startsWith(`sha256:${text}`));
}

function list(
  releases: readonly RecordedRelease[],
  packages: readonly RecordedPackage[],
  { stack, json }: RollbackOptions,
  output: NodeJS.WriteStream,
): number {
  if (json) {
    const services = releases.map(({ service, history }) => ({ service, releases: history }));
    const told = {
      stack,
      services,
      packages: packages.map(({ name, history }) => ({ package: name, versions: history })),
    };
    output.write(`${JSON.stringify(told, undefined, 2)}\n`);
    return ExitCode.done;
  }
  const rows = releases.flatMap(({ service, history }) =>
    history.map(({ version, image, commit, releasedAt }, index) => [
      ...[index === 0 ? service : "", version, shortDigest(image), commit ?? "-", seconds(releasedAt)],
      index === 0 ? "runs" : "",
    ]),
  );
  const versions = packages.flatMap(({ name, history }) =>
    history.map(({ digest, deliveredAt }, index) => [
      ...[index === 0 ? name : "", versionOf(digest), seconds(deliveredAt)],
      index === 0 ? "served" : "",
    ]),
  );
  output.write(table(["service", "version", "digest", "commit", "released", ""], rows));
  if (versions.length > 0) output.write(`\n${table(["package", "version", "delivered", ""], versions)}`);
  return ExitCode.done;
}

function seconds(time: string): string {
  return time.replace(/\.\d+Z$/, "Z");
}

function refusal(message: string, remedy: string): UserError {
  return new UserError(message, remedy, ExitCode.usage);
}
