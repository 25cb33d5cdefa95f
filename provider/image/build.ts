import type Docker from "dockerode";
import type { ImageBuildOptions } from "dockerode";
import { reasonOf } from "../engine/engine.ts";
import type { ResourceContext } from "../plugin/resource.ts";
import { buildContext, contextArchive, dockerfileInArchive } from "./build-context.ts";
import { BUILDKIT_TRACE, traceLines } from "./buildkit-trace.ts";
import { follow } from "./follow.ts";
import { openSession } from "./session.ts";
import type { SessionServices } from "./session.ts";

const LINES_IN_ERRORS = 20;
const SECRET_NAME = /pass|secret|token|credential|key|auth/i;
const SHORTEST_SECRET = 4;

/** What an image is built from, and how. */
export interface BuildPlan {
  /** Tag that the image gets on the engine. */
  imageName: string;
  /** Directory, relative to where Pulumi runs. @default "." */
  context?: string | undefined;
  /** Dockerfile, relative to where Pulumi runs. @default "Dockerfile" in the context */
  dockerfile?: string | undefined;
  /** Build arguments by name. */
  args?: Record<string, string> | undefined;
  /** Values for `RUN --mount=type=secret,id=…`, by id. */
  secrets?: Record<string, string> | undefined;
  /** Stage to build. @default the last one */
  target?: string | undefined;
  /** `linux/arm64`. @default the engine's own */
  platform?: string | undefined;
  /** Images whose layers may be taken over. */
  cacheFrom?: readonly string[] | undefined;
  labels?: Record<string, string> | undefined;
  /** `host:ip`, for names that `RUN` looks up. */
  addHosts?: readonly string[] | undefined;
  /** Network mode of `RUN`. */
  network?: string | undefined;
  /** True takes no layer of an earlier build. @default false */
  isFresh?: boolean | undefined;
  /** True takes the builder of engines before BuildKit, which knows no secrets and no credentials. @default false */
  legacy?: boolean | undefined;
  /** Credentials for the registries of base images. */
  credentials: SessionServices["credentials"];
}

/**
 * Builds an image and tags it. The steps are shown while it runs.
 *
 * @throws {Error} with the last lines of the build's output when it fails.
 */
export async function buildImage(docker: Docker, plan: BuildPlan, context: ResourceContext): Promise<void> {
  const { dockerfile } = buildContext(plan);
  const redact = redactor(plan);
  const lines: string[] = [];
  try {
    await run(docker, plan, context, (line) => {
      lines.push(redact(line));
      if (lines.length > LINES_IN_ERRORS) lines.shift();
      if (isStep(line)) context.progress(redact(line));
    });
  } catch (error) {
    const output = lines.map((line) => `  ${line}`).join("\n");
    throw new Error(`build: ${dockerfile} does not build: ${redact(reasonOf(error))}\n${output}`, { cause: error });
  }
}

/** Hides the values of secrets, and of build arguments that are secrets by their names. */
export function redactor({ args = {}, secrets = {} }: Pick<BuildPlan, "args" | "secrets">): (text: string) => string {
  const hidden = [...Object.entries(args).filter(([name]) => SECRET_NAME.test(name)), ...Object.entries(secrets)]
    .map(([, value]) => value.trim())
    .filter((value) => value.length >= SHORTEST_SECRET);
  return (text) => hidden.reduce((redacted, secret) => redacted.replaceAll(secret, "[secret]"), text);
}

async function run(
  docker: Docker,
  plan: BuildPlan,
  context: ResourceContext,
  onLine: (line: string) => void,
): Promise<void> {
  const source = buildContext(plan);
  const isLegacy = plan.legacy === true || process.env.DOCKER_BUILDKIT === "0";
  context.progress(`building from ${source.directory}`);
  const { secrets = {}, credentials } = plan;
  const session = isLegacy ? undefined : await openSession(docker, { secrets, credentials });
  const options = buildOptions(plan, dockerfileInArchive(source), session?.id);
  try {
    const stream = await docker.buildImage(await contextArchive(source), { ...options, abortSignal: context.signal });
    await followBuild(docker, stream, onLine);
  } finally {
    session?.close();
  }
}

function buildOptions(plan: BuildPlan, dockerfile: string, session: string | undefined): ImageBuildOptions {
  const options = {
    t: plan.imageName,
    dockerfile,
    // As numbers: for the text "2" dockerode opens a session of its own, and names it in the place of this one.
    version: session === undefined ? 1 : 2,
    session,
    buildargs: plan.args,
    target: plan.target,
    platform: plan.platform,
    networkmode: plan.network,
    nocache: plan.isFresh,
    cachefrom: plan.cacheFrom && JSON.stringify(plan.cacheFrom),
    labels: plan.labels,
    // The engine takes this parameter several times, which @types/dockerode does not know.
    extrahosts: plan.addHosts,
    rm: true,
    forcerm: true,
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

async function followBuild(
  docker: Docker,
  stream: NodeJS.ReadableStream,
  onLine: (line: string) => void,
): Promise<void> {
  await follow(docker, stream, ({ id, aux, stream: text = "" }) => {
    const isTrace = id === BUILDKIT_TRACE && typeof aux === "string";
    const lines = isTrace ? traceLines(Buffer.from(aux, "base64")) : text.split("\n");
    for (const line of lines.map((each) => each.trimEnd())) {
      if (line !== "") onLine(line);
    }
  });
}

/** True for BuildKit's `[stage 2/3] RUN …` and the older builder's `Step 2/3 : RUN …`. */
function isStep(line: string): boolean {
  return /^(\[.*\d+\/\d+\]|Step \d+\/\d+ :)/.test(line);
}
