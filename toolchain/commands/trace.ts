import type Docker from "dockerode";
import { connect, inspectIfThere } from "../../provider/engine/engine.ts";
import { ExitCode, UserError } from "../errors.ts";
import type { Places } from "../places.ts";
import { findByContainer, findByLabels, findByUrl, knownOf } from "../trace/find.ts";
import type { Found } from "../trace/find.ts";
import { readRecords } from "../trace/records.ts";
import type { BuildRecord, TracedStack } from "../trace/records.ts";

/** Where what runs comes from; what is not known is left out. */
export interface Trace {
  containers: string[];
  stack?: string;
  service?: string;
  /** When this image took over there; ISO 8601, UTC. */
  since?: string;
  /** Image by digest. */
  image: string;
  tags: string[];
  version?: string;
  commit?: string;
  /** When the commit was made; ISO 8601. */
  committed?: string;
  source?: string;
  branch?: string;
  built?: Pick<BuildRecord, "at" | "by" | "where">;
  base?: string;
}

/**
 * Tells where a container, or what answers at an address, comes from.
 *
 * @returns 0 always; what is not known is said to be.
 * @throws {UserError} when there is no such container, or nothing answers at the address.
 */
export async function trace(
  { subject, json }: { subject: string; json: boolean },
  places: Places,
  environment: Record<string, string>,
  output: NodeJS.WriteStream,
): Promise<number> {
  const stacks = await readRecords({ places, environment });
  const found = /^https?:\/\//.test(subject)
    ? await traceUrl(new URL(subject), stacks, environment)
    : await traceContainer(subject, stacks, environment);
  output.write(json ? `${JSON.stringify(found, undefined, 2)}\n` : textOf(found));
  return ExitCode.done;
}

async function traceUrl(url: URL, stacks: readonly TracedStack[], environment: Record<string, string>): Promise<Trace> {
  const found = findByUrl(url, stacks);
  if (!found) {
    const hosts = stacks.flatMap(({ releases }) => [...releases.values()].flatMap((release) => release.hosts));
    throw refusal(
      `no stack leads ${url.href} to a service`,
      hosts.length === 0 ? "Deploy one first: npm start" : `Name one of https://${hosts.sort().join(", https://")}`,
    );
  }
  const docker = await engineOf(found, environment);
  return traceOf(docker, { containers: found.release.released, image: found.release.image, found }, stacks);
}

async function traceContainer(
  name: string,
  stacks: readonly TracedStack[],
  environment: Record<string, string>,
): Promise<Trace> {
  const recorded = findByContainer(name, stacks);
  const docker = await engineOf(recorded, environment);
  const info = await inspectIfThere(docker.getContainer(name));
  if (!info) throw refusal(`there is no container "${name}"`, "docker ps --all lists the containers there are.");
  const { Labels, Image } = info.Config;
  const [owner = "", service = ""] = [Labels["slipway.environment"], Labels["slipway.service"]];
  const found = recorded ?? findByLabels(owner, service, stacks);
  return traceOf(docker, { containers: [info.Name.slice(1)], image: Image, found }, stacks);
}

async function traceOf(
  docker: Docker,
  { containers, image, found }: { containers: string[]; image: string; found: Found | undefined },
  stacks: readonly TracedStack[],
): Promise<Trace> {
  const inspected = await inspectIfThere(docker.getImage(image));
  // A stack file may name an image that its registry never told the digest of.
  const labels = inspected?.Config.Labels ?? {};
  const label = (name: string) => labels[`org.opencontainers.image.${name}`];
  const { tags, build } = knownOf(image.slice(image.indexOf("@") + 1), stacks);
  const record = found?.release.history.find((release) => release.image === image);
  const base = [label("base.name"), label("base.digest")].filter((part) => part !== undefined).join("@");
  return {
    containers,
    image,
    tags,
    ...withoutUndefined({
      stack: found?.stack.stack,
      service: found?.release.service,
      since: record?.releasedAt,
      version: label("version"),
      commit: label("revision") ?? record?.commit,
      committed: label("created"),
      source: label("source"),
      branch: build?.branch,
      built: build && { at: build.at, by: build.by, where: build.where },
      base: base === "" ? undefined : base,
    }),
  };
}

function engineOf(found: Found | undefined, environment: Record<string, string>): Promise<Docker> {
  return connect({ config: { host: found?.stack.host ?? environment.DOCKER_HOST } });
}

function textOf(found: Trace): string {
  const { built, commit, committed } = found;
  const rows: [string, string | undefined][] = [
    [found.containers.length === 1 ? "container" : "containers", found.containers.join(", ")],
    ["stack", found.stack],
    ["service", found.service],
    ["since", found.since],
    ["image", found.image],
    ["tags", found.tags.length === 0 ? undefined : found.tags.join(", ")],
    ["version", found.version],
    ["commit", commit === undefined || committed === undefined ? commit : `${commit} of ${committed}`],
    ["source", found.source],
    ["branch", found.branch],
    ["built", built && `${built.at} by ${built.by ?? "unknown"} on ${built.where ?? "unknown"}`],
    ["base", found.base],
  ];
  return rows.map(([name, value]) => `${name.padEnd(COLUMN)}${value ?? "unknown"}\n`).join("");
}

const COLUMN = "containers".length + 2;

type Known<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

function withoutUndefined<T extends object>(values: T): Known<T> {
  const known: Known<T> = {};
  const entries: [string, unknown][] = Object.entries(values);
  return Object.assign(known, Object.fromEntries(entries.filter(([, value]) => value !== undefined)));
}

function refusal(message: string, remedy: string): UserError {
  return new UserError(message, remedy, ExitCode.usage);
}
