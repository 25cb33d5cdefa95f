import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import type Docker from "dockerode";
import { z } from "zod";
import { connect } from "./engine/engine.ts";
import { digestOfBase } from "./image/base-digest.ts";
import { buildContext } from "./image/build-context.ts";
import { buildRecord } from "./image/build-record.ts";
import { buildImage } from "./image/build.ts";
import { cacheOf, contextDigest } from "./image/context-digest.ts";
import { pushImage } from "./image/push.ts";
import { pushTag } from "./image/push-tag.ts";
import { credentials as credentialsOf, fromDockerConfig, registryHost } from "./image/registry-auth.ts";
import { digestInRegistry } from "./image/registry-digest.ts";
import { ociLabels, revisionOf } from "./image/revision.ts";
import { checkInputs, holdsUnknown } from "./plugin/inputs.ts";
import { changedProperties, defineResource } from "./plugin/resource.ts";
import type { InputFault, Properties, ResourceContext } from "./plugin/resource.ts";

/** How many builds stay on record, for `npm run trace`. */
const KEEP_BUILDS = 50;
/** Names the last build in the registry, for the next one to take layers from. */
const CACHE_TAG = "cache";
/** What makes another image. */
const DECISIVE = ["args", "contextDigest", "platform", "repository", "target"];

const inputs = z.object({
  /** Repository with its registry, such as `127.0.0.1:5000/dev/web`. A change builds and pushes. */
  repository: z.string().min(1, "must be a repository"),
  /** Directory that is sent to the engine, relative to where Pulumi runs. */
  context: z.string(),
  /** Dockerfile, relative to where Pulumi runs. */
  dockerfile: z.string(),
  /** Stage to build. A change builds. @default the last one */
  target: z.string().optional(),
  /** Build arguments by name. A change builds. @default {} */
  args: z.record(z.string(), z.string()).default({}),
  /** Platform to build for, such as `linux/arm64`. A change builds. @default the engine's own */
  platform: z.string().optional(),
  /** True takes layers over from the last build in the registry. @default false */
  cache: z.boolean().default(false),
  /** Values for `RUN --mount=type=secret,id=…`, by id. They are kept in memory until the build, and recorded nowhere. */
  secrets: z.record(z.string(), z.string()).default({}),
  /** Registry that the image is pushed to. */
  registry: z.object({ server: z.string(), username: z.string(), password: z.string() }),
  /** Who builds where, for the record; a change is none. */
  origin: z.object({ by: z.string(), where: z.string(), branch: z.string().optional() }).optional(),
  /** Hidden input, filled in by the check: what the context holds. */
  contextDigest: z.string().optional(),
});

const state = inputs.omit({ secrets: true }).extend({
  /** The image by digest. */
  image: z.string(),
  /** The last builds, the newest first. */
  builds: z.array(buildRecord),
});

type Plan = z.output<typeof inputs>;
type State = z.output<typeof state>;

/** Inputs of {@link imageBuild}. */
export type ImageBuildInputs = Omit<z.input<typeof inputs>, "contextDigest">;

/** Values of build secrets by the resource's URN, from its check until the build, so that no state ever has them. */
const secretsInMemory = new Map<string, Record<string, string>>();

/**
 * An image that is built and pushed by the engine when its content has changed: the context, the arguments, the target or
 * the platform. Where it comes from is written on it and decides nothing.
 */
export const imageBuild = defineResource({
  inputs,
  state,
  async check(news, olds, context) {
    const checked = checkInputs(inputs, news);
    const source = await sourceOf(checked.inputs);
    if (isToBeBuilt(source.inputs, olds)) await warnOfDockerfile(source.inputs, context);
    return {
      inputs: { ...checked.inputs, ...source.inputs, secrets: keepInMemory(checked.inputs.secrets, context.urn) },
      faults: [...checked.faults, ...source.faults],
    };
  },
  diff(olds, news, context) {
    for (const [name, before, after] of otherBases(olds.inputs.args, news.args)) {
      context.info(`built anew on another base image: ${name} was ${before}, is ${after}`);
    }
    return { changed: changedProperties(olds.inputs, news).filter((property) => DECISIVE.includes(property)) };
  },
  async create(plan, context) {
    return { id: plan.repository, state: await buildAndPush(plan, [], context) };
  },
  update: (_id, olds, plan, context) => buildAndPush(plan, olds.builds, context),
});

async function buildAndPush(plan: Plan, before: State["builds"], context: ResourceContext): Promise<Properties> {
  const docker = await connect(context);
  const source = buildContext(plan);
  const revision = await revisionOf(source);
  const cached = `${plan.repository}:${CACHE_TAG}`;
  const tags = [`content-${contentOf(plan)}`, ...(revision ? [`commit-${shortened(revision.revision)}`] : [])];
  const [first = "", ...others] = tags.map((tag) => `${plan.repository}:${tag}`);
  const { server, username, password } = plan.registry;
  const auth = credentialsOf(registryHost(server), username, password);
  // A registry that does not answer is told of by the push.
  const existing = isToRebuild() ? undefined : await digestInRegistry(docker, first, auth).catch(() => undefined);
  if (existing !== undefined) {
    // An engine dates what it builds, so that another build of the same would be another image.
    context.info(`not built: the registry has this very content as ${first.slice(first.lastIndexOf(":") + 1)}`);
    return { image: `${plan.repository}@${existing}`, builds: before };
  }
  await buildImage(
    docker,
    {
      ...plan,
      // Inline: BuildKit writes what it may take over into the image itself.
      ...(plan.cache && { args: { ...plan.args, BUILDKIT_INLINE_CACHE: "1" }, cacheFrom: [cached] }),
      imageName: first,
      secrets: secretsInMemory.get(context.urn) ?? {},
      labels: await ociLabels(source, revision, await baseImage(docker, plan)),
      credentials: (host) => credentialsFor(host, plan),
    },
    context,
  );
  const digest = await pushImage(docker, first, auth, context);
  if (plan.cache) others.push(cached);
  for (const other of others) await pushTag(docker, { image: first, as: other, auth }, context);
  const record = { digest, tags, at: new Date().toISOString(), ...plan.origin };
  return {
    image: `${plan.repository}@${digest}`,
    builds: [record, ...before.filter((build) => build.digest !== digest)].slice(0, KEEP_BUILDS),
  };
}

/** For who knows that content does not say all, as where a base image is named by a tag. */
function isToRebuild(): boolean {
  return process.env.SLIPWAY_REBUILD === "1";
}

function credentialsFor(host: string, { registry }: Plan): ReturnType<typeof fromDockerConfig> {
  const own = registryHost(registry.server);
  if (registryHost(host) !== own) return fromDockerConfig(registryHost(host));
  return Promise.resolve(credentialsOf(own, registry.username, registry.password));
}

async function baseImage(
  docker: Docker,
  plan: Plan,
): Promise<{ name: string; digest: string | undefined } | undefined> {
  const { baseOf } = await import("./image/stages.ts");
  const base = baseOf(await readFile(buildContext(plan).dockerfile, "utf8"), plan);
  return base === undefined ? undefined : { name: base.replace(/@.*$/, ""), digest: await digestOfBase(docker, base) };
}

/** Names what decides about an image, whenever and wherever it is built. */
function contentOf({ args, contextDigest, platform, target }: Plan): string {
  const decisive = JSON.stringify([Object.entries(args).sort(), contextDigest, platform ?? "", target ?? ""]);
  return createHash("sha256").update(decisive).digest("hex").slice(0, 12);
}

function shortened(revision: string): string {
  return revision.replace(/^([0-9a-f]{12})[0-9a-f]*/, "$1");
}

function isToBeBuilt(news: Properties, olds: Properties | undefined): boolean {
  return olds === undefined || changedProperties(olds, news).some((property) => DECISIVE.includes(property));
}

/** Tells what in a Dockerfile may be meant otherwise, when it is about to be built. */
async function warnOfDockerfile(news: Properties, context: ResourceContext): Promise<void> {
  const { data } = inputs.pick({ context: true, dockerfile: true, args: true, target: true }).safeParse(news);
  if (data === undefined || holdsUnknown(data)) return;
  const text = await readFile(buildContext(data).dockerfile, "utf8").catch(() => undefined);
  if (text === undefined) return;
  const { lintDockerfile } = await import("./image/lint.ts");
  for (const { line, rule, text: warning } of lintDockerfile(text, data)) {
    context.warn(`${data.dockerfile}:${line}: ${warning} (# slipway ignore=${rule} above it says that it is meant)`);
  }
}

/** Build arguments whose images by digest differ, shortened to the digests' first 12 digits. */
function otherBases(olds: unknown, news: unknown): [name: string, before: string, after: string][] {
  const args = z.record(z.string(), z.string());
  const [before, after] = [args.safeParse(olds).data ?? {}, args.safeParse(news).data ?? {}];
  return Object.entries(after).flatMap(([name, image]) => {
    const [old = "", current = ""] = [before[name], image].map(
      (each) => /@sha256:([0-9a-f]{12})/.exec(each ?? "")?.[1],
    );
    return old === "" || current === "" || old === current ? [] : [[name, old, current]];
  });
}

function keepInMemory(secrets: unknown, urn: string): Record<string, string> {
  const { data } = z.record(z.string(), z.string()).safeParse(secrets);
  if (data && !holdsUnknown(data)) secretsInMemory.set(urn, data);
  return {};
}

/** Adds the hidden input `contextDigest`, by which a change of a file is a change of the image. */
async function sourceOf(news: Properties): Promise<{ inputs: Properties; faults: InputFault[] }> {
  const { data } = inputs.pick({ context: true, dockerfile: true }).safeParse(news);
  if (data === undefined || holdsUnknown([data.context, data.dockerfile])) return { inputs: news, faults: [] };
  const source = buildContext(data);
  const fault = (property: string, reason: string) => ({ inputs: news, faults: [{ property, reason }] });
  if (!(await stat(source.directory).catch(() => undefined))?.isDirectory()) {
    return fault("context", `there is no directory ${source.directory}`);
  }
  if (!(await stat(source.dockerfile).catch(() => undefined))?.isFile()) {
    return fault("dockerfile", `there is no Dockerfile ${source.dockerfile}`);
  }
  return { inputs: { ...news, contextDigest: await contextDigest(source, cacheOf(source)) }, faults: [] };
}
