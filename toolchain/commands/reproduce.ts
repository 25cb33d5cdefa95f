import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import type Docker from "dockerode";
import { z } from "zod";
import { connect, unlessGone } from "../../provider/engine/engine.ts";
import { buildImage } from "../../provider/image/build.ts";
import { credentials, fromDockerConfig } from "../../provider/image/registry-auth.ts";
import type { ResourceContext } from "../../provider/plugin/resource.ts";
import { ExitCode, UserError } from "../errors.ts";
import { readRegistry } from "../registry/platform.ts";
import { compareLayers, layerRows, reasonOf } from "../reproduce/compare.ts";
import { layersOf } from "../reproduce/image-archive.ts";
import type { ImageLayer } from "../reproduce/image-archive.ts";
import type { PulumiContext } from "../stack/pulumi.ts";
import { exportStack, parseStack } from "../stack/releases.ts";
import { table } from "../stack/table.ts";

const optional = z
  .string()
  .nullish()
  .transform((text) => text ?? undefined);
const planShape = z.object({
  repository: z.string(),
  context: z.string(),
  dockerfile: z.string(),
  target: optional,
  platform: optional,
  args: z.record(z.string(), z.string()).default({}),
});
const exportedShape = z.object({
  deployment: z.object({
    resources: z.array(z.object({ type: z.string(), inputs: z.unknown().optional() })).default([]),
  }),
});

type Plan = z.output<typeof planShape>;

/**
 * Builds a service's image twice without any cache, and tells which layers are not the same, by which instruction, and why.
 * Nothing is pushed or deployed.
 *
 * @returns 1 when more than dates differ.
 * @throws {UserError} when the stack builds no such service.
 */
export async function reproduce(
  { stack, service, json }: { stack: string; service: string; json: boolean },
  context: PulumiContext,
  output: NodeJS.WriteStream,
): Promise<number> {
  const exported = await exportStack(stack, context);
  const plans = plansOf(exported);
  const plan = plans.get(service);
  if (!plan) {
    const remedy = plans.size === 0 ? "It builds none." : `Choose one of ${[...plans.keys()].sort().join(", ")}.`;
    throw new UserError(`${stack} builds no service "${service}"`, remedy, ExitCode.usage);
  }
  const docker = await connect({ config: { host: parseStack(exported).host ?? context.environment.DOCKER_HOST } });
  const layers = compareLayers(...(await buildTwice(docker, plan, context)));
  const { Version: engine } = await docker.version();
  if (json) output.write(`${JSON.stringify({ stack, service, engine, layers }, undefined, 2)}\n`);
  else output.write(`${table(["layer", "made by", "built twice"], layerRows(layers))}${reasonOf(layers, engine)}\n`);
  return layers.some(({ differing }) => differing.length > 0) ? ExitCode.failed : ExitCode.done;
}

/** What the services of a stack are built from, by name. */
function plansOf(exported: unknown): Map<string, Plan> {
  const builds = exportedShape
    .parse(exported)
    .deployment.resources.filter(({ type }) => type === "slipway:index:ImageBuild")
    .map(({ inputs }) => planShape.parse(inputs));
  return new Map(builds.map((plan) => [plan.repository.slice(plan.repository.lastIndexOf("/") + 1), plan]));
}

async function buildTwice(
  docker: Docker,
  { repository, context: directory, dockerfile, ...plan }: Plan,
  context: PulumiContext,
): Promise<[ImageLayer[], ImageLayer[]]> {
  const { repository: root } = context.places;
  const registry = repository.slice(0, repository.indexOf("/"));
  const { auth } = await readRegistry(context);
  const [username = "", password = ""] = auth.split(":");
  const own = credentials(registry, username, password);
  const build = async (): Promise<ImageLayer[]> => {
    const imageName = `slipway-reproduce-${randomBytes(4).toString("hex")}:1`;
    await buildImage(
      docker,
      {
        ...{ ...plan, imageName, isFresh: true },
        ...{ context: resolve(root, directory), dockerfile: resolve(root, dockerfile) },
        credentials: (host) => (host === registry ? Promise.resolve(own) : fromDockerConfig(host)),
      },
      SILENT,
    );
    try {
      return await layersOf(docker, imageName);
    } finally {
      await unlessGone<unknown>(docker.getImage(imageName).remove());
    }
  };
  return [await build(), await build()];
}

const SILENT: ResourceContext = {
  ...{ urn: "", name: "reproduce", config: {}, signal: new AbortController().signal, randomSeed: new Uint8Array() },
  ...{ progress: () => undefined, info: () => undefined, warn: () => undefined },
};
