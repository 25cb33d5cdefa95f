import { readFile } from "node:fs/promises";
import type Docker from "dockerode";
import type { ImageBuildOptions } from "dockerode";
import type { ResourceContext } from "../../../provider/plugin/resource.ts";
import { buildContext, contextArchive, dockerfileInArchive } from "./build-context.ts";
import { BUILDKIT_TRACE, traceLines } from "./buildkit-trace.ts";
import { reasonOf } from "../../../provider/engine/engine.ts";
import { follow } from "./follow.ts";
import { findImage } from "./pull.ts";
import { authFor } from "./registry-auth.ts";
import type { ImageInputs } from "./image-inputs.ts";

const LINES_IN_ERRORS = 20;
const SECRET_NAME = /pass|secret|token|credential|key|auth/i;
const SHORTEST_SECRET = 4;

type Build = NonNullable<ImageInputs["build"]>;

/**
 * Builds an image and tags it. The steps are shown while it runs.
 *
 * @throws {Error} with the last lines of the build's output when it fails.
 */
export async function buildImage(docker: Docker, inputs: ImageInputs, context: ResourceContext): Promise<void> {
  const build = inputs.build ?? {};
  const source = buildContext(build);
  const dockerfile = await readFile(source.dockerfile, "utf8");
  for (const base of baseImages(dockerfile, build.args)) {
    // BuildKit takes what the engine has; so the credentials of one registry are shown to no other.
    if (await authFor(base, context)) await findImage(docker, base, context, build.platform);
  }
  const redact = redactor(build.args);
  const lines: string[] = [];
  const options = buildOptions(inputs.imageName, dockerfileInArchive(source), build);
  context.progress(`building from ${source.directory}`);
  try {
    const stream = await docker.buildImage(await contextArchive(source), { ...options, abortSignal: context.signal });
    await followBuild(docker, stream, (line) => {
      lines.push(redact(line));
      if (lines.length > LINES_IN_ERRORS) lines.shift();
      if (isStep(line)) context.progress(redact(line));
    });
  } catch (error) {
    const output = lines.map((line) => `  ${line}`).join("\n");
    throw new Error(`build: ${source.dockerfile} does not build: ${redact(reasonOf(error))}\n${output}`, {
      cause: error,
    });
  }
}

/** Images that a Dockerfile starts from, with its build arguments put in; stages and what stays open are left out. */
export function baseImages(dockerfile: string, args: Record<string, string> = {}): string[] {
  const values: Record<string, string> = {};
  const stages = new Set<string>();
  const images = new Set<string>();
  for (const line of dockerfile.split("\n")) {
    const [, name, preset] = /^\s*ARG\s+(\w+)(?:=["']?([^"'\s]*))?/i.exec(line) ?? [];
    if (name !== undefined) values[name] = args[name] ?? preset ?? "";
    const [, from, stage] = /^\s*FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?/i.exec(line) ?? [];
    if (from === undefined) continue;
    const image = from.replace(/\$\{?(\w+)\}?/g, (_match, variable: string) => values[variable] ?? "");
    if (image !== "" && image !== "scratch" && !image.includes("$") && !stages.has(image)) images.add(image);
    if (stage !== undefined) stages.add(stage);
  }
  return [...images];
}

/** Hides the values of build arguments that are secrets by their names. */
export function redactor(args: Record<string, string> = {}): (text: string) => string {
  const secrets = Object.entries(args)
    .filter(([name, value]) => SECRET_NAME.test(name) && value.length >= SHORTEST_SECRET)
    .map(([, value]) => value);
  return (text) => secrets.reduce((redacted, secret) => redacted.replaceAll(secret, "[secret]"), text);
}

function buildOptions(imageName: string, dockerfile: string, build: Build): ImageBuildOptions {
  const legacy = build.builderVersion === "BuilderV1" || process.env.DOCKER_BUILDKIT === "0";
  const options: ImageBuildOptions = {
    t: imageName,
    dockerfile,
    version: legacy ? "1" : "2",
    buildargs: build.args,
    target: build.target,
    platform: build.platform,
    networkmode: build.network,
    cachefrom: build.cacheFrom && JSON.stringify(build.cacheFrom.images),
    rm: true,
    forcerm: true,
  };
  // The engine takes this parameter several times, which @types/dockerode does not know.
  const repeated = { extrahosts: build.addHosts };
  return withoutUndefined(Object.assign(options, repeated));
}

function withoutUndefined(options: ImageBuildOptions): ImageBuildOptions {
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
