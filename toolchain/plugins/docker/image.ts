import { stat } from "node:fs/promises";
import type Docker from "dockerode";
import { z } from "zod";
import { changedProperties, defineResource, UNKNOWN } from "../../../provider/plugin/resource.ts";
import type { InputFault, Properties, ResourceContext } from "../../../provider/plugin/resource.ts";
import { inputFaults } from "../input-faults.ts";
import { buildContext } from "../../../provider/image/build-context.ts";
import { contextDigest } from "../../../provider/image/context-digest.ts";
import { buildImage } from "../../../provider/image/build.ts";
import { connect, inspectIfThere } from "../../../provider/engine/engine.ts";
import { imageInputs, imageShape } from "./image-inputs.ts";
import type { ImageInputs } from "./image-inputs.ts";
import { pushImage } from "../../../provider/image/push.ts";
import { parseReference, repoDigestOf } from "../../../provider/image/reference.ts";
import { authFor, credentials, registryHost } from "../../../provider/image/registry-auth.ts";

const builtFrom = z.object({
  build: z.object({ context: z.string().optional(), dockerfile: z.string().optional() }).default({}),
});

/** An image that is built, and pushed unless `skipPush`. Its id is its name; every change builds and pushes again. */
export const image = defineResource({
  inputs: imageInputs,
  state: z.object({}),
  check: async (news) => {
    const faults = inputFaults(z.strictObject(imageShape), news);
    const { inputs, fault } = await withDigest(news);
    return { inputs, faults: fault ? [...faults, fault] : faults };
  },
  diff: (olds, news) => ({ changed: changedProperties(whatDecides(olds.inputs), whatDecides(news)) }),
  create: async (inputs, context) => ({ id: inputs.imageName, state: await buildAndPush(inputs, context) }),
  update: (_id, _olds, inputs, context) => buildAndPush(inputs, context),
  read: async (id, state, context, inputs) => {
    if (Object.keys(inputs).length > 0) return { inputs, state };
    const docker = await connect(context);
    const found = await inspectIfThere(docker.getImage(id));
    if (!found) return undefined;
    const own = { imageName: id, skipPush: false, buildOnPreview: false };
    const repoDigest = repoDigestOf(id, found.RepoDigests) || found.Id;
    return { inputs: own, state: { ...own, ...outputs(own), repoDigest } };
  },
});

async function buildAndPush(inputs: ImageInputs, context: ResourceContext): Promise<Properties> {
  const docker = await connect(context);
  const { build = {}, imageName } = inputs;
  const plan = { ...build, cacheFrom: build.cacheFrom?.images, legacy: build.builderVersion === "BuilderV1" };
  const credentials = (host: string) => authFor(`${host}/any`, context);
  await buildImage(docker, { ...plan, imageName, credentials }, context);
  const repoDigest = inputs.skipPush ? await localId(docker, inputs.imageName) : await push(docker, inputs, context);
  return { ...outputs(inputs), repoDigest };
}

async function push(docker: Docker, { imageName, registry = {} }: ImageInputs, context: ResourceContext) {
  const server = registryHost(registry.server ?? parseReference(imageName).registry);
  const own =
    registry.username === undefined ? undefined : credentials(server, registry.username, registry.password ?? "");
  const digest = await pushImage(docker, imageName, own ?? (await authFor(imageName, context)), context);
  return `${parseReference(imageName).repository}@${digest}`;
}

async function localId(docker: Docker, imageName: string): Promise<string> {
  return (await docker.getImage(imageName).inspect()).Id;
}

function outputs({ imageName, build, registry }: ImageInputs): Properties {
  const { directory, dockerfile } = buildContext(build);
  return {
    imageName,
    baseImageName: imageName,
    registryServer: registry?.server ?? parseReference(imageName).registry,
    context: directory,
    dockerfile,
    platform: build?.platform,
  };
}

/** Adds the hidden input `build.contextDigest`, by which a change of a file is a change of the image. */
async function withDigest(news: Properties): Promise<{ inputs: Properties; fault?: InputFault }> {
  const { success, data } = builtFrom.safeParse(news);
  if (!success || data.build.context === UNKNOWN || data.build.dockerfile === UNKNOWN) return { inputs: news };
  const source = buildContext(data.build);
  if (!(await stat(source.directory).catch(() => undefined))?.isDirectory()) {
    return { inputs: news, fault: { property: "build.context", reason: `there is no directory ${source.directory}` } };
  }
  if (!(await stat(source.dockerfile).catch(() => undefined))?.isFile()) {
    const property = data.build.dockerfile === undefined ? "build.context" : "build.dockerfile";
    return { inputs: news, fault: { property, reason: `there is no Dockerfile ${source.dockerfile}` } };
  }
  const digest = await contextDigest(source);
  return { inputs: { ...news, build: { ...(news.build ?? {}), contextDigest: digest } } };
}

/** Credentials decide nothing about an image; nor does `buildOnPreview`, since a preview never builds here. */
function whatDecides(inputs: Properties): Properties {
  const { data } = z.object({ server: z.string().optional() }).safeParse(inputs.registry);
  return { ...inputs, registry: data?.server, buildOnPreview: undefined };
}
