import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { dockerClient } from "./docker.ts";
import { localBackend, pulumiEnvironment } from "./environment.ts";
import type { Provision } from "./environment.ts";
import { provideEngine } from "./needs/engine.ts";
import { chooseImage, neededImages, provideImage } from "./needs/images.ts";
import { provideBundles, providePlugins } from "./needs/plugins.ts";
import { providePulumi } from "./needs/pulumi.ts";
import { provideState } from "./needs/state.ts";
import type { Places } from "./places.ts";
import { runSteps } from "./report.ts";
import type { Step } from "./report.ts";

/**
 * Meets every need of the project on this machine, and returns the environment that its commands run with, beside the
 * inherited one.
 *
 * @param options.allImages true provides images that no stack file needs as well, for tests. @default false
 *
 * @throws {AggregateError} of all needs that could not be met.
 */
export async function setUp(
  places: Places,
  inherited: NodeJS.ProcessEnv,
  output: NodeJS.WriteStream,
  { allImages = false } = {},
): Promise<Record<string, string>> {
  const official = await neededImages(places.repository, allImages);
  const provision: Provision = { pulumiBin: "", images: {} };
  const state: Step = { name: "State", run: () => provideState(places, inherited) };
  const bundles: Step = { name: "Own plugins", run: () => provideBundles(places) };
  const pulumi: Step = {
    name: "Pulumi CLI",
    run: async (say) => {
      const { bin, summary } = await providePulumi(places, say);
      provision.pulumiBin = bin;
      return summary;
    },
  };
  const plugins: Step = { name: "Plugins", run: (say) => providePlugins(places, provision.pulumiBin, say) };
  const engine: Step = {
    name: "Docker engine",
    run: async (say) => {
      const { host, summary } = await provideEngine(places, inherited, say);
      provision.dockerHost = host;
      return summary;
    },
  };
  const images = Object.entries(official).map(([name, reference]): Step => ({
    name: `Image ${name}`,
    run: async (say) => {
      const docker = dockerClient(provision.dockerHost);
      const choice = chooseImage(name, reference, inherited);
      const { replacement, summary } = await provideImage(name, choice, docker, places, say);
      if (replacement !== undefined) provision.images[name] = replacement;
      return summary;
    },
  }));
  await runSteps([[state], [bundles], [pulumi, plugins], [engine, ...images]], output);
  const projectFile = join(places.repository, "Pulumi.yaml");
  const backend = localBackend(await readFile(projectFile, "utf8"), projectFile);
  return pulumiEnvironment({ ...provision, backend }, places, inherited);
}
