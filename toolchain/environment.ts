import { dirname, isAbsolute, join, resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import type { Places } from "./places.ts";

/** What setup found or made, as far as the environment depends on it. */
export interface Provision {
  /** Directory of the Pulumi CLI and its language host. */
  pulumiBin: string;
  /** Address of the Docker engine; undefined where Docker's own default is right. */
  dockerHost?: string;
  /** Address of the local state; undefined where the project keeps its state elsewhere. */
  backend?: string;
  /** Images by name that differ from those in images.json. */
  images: Record<string, string>;
}

/**
 * The environment that every `pulumi` command of this project runs with, as what is set beside the inherited one.
 * What the user has set stays as it is.
 */
export function pulumiEnvironment(
  provision: Provision,
  places: Places,
  inherited: NodeJS.ProcessEnv,
): Record<string, string> {
  const images = Object.entries(provision.images).map(([name, reference]) => [imageVariable(name), reference] as const);
  return {
    PATH: searchPath([join(places.repository, "node_modules/.bin"), provision.pulumiBin], inherited.PATH ?? ""),
    PULUMI_HOME: places.pulumiHome,
    ...(hasPassphrase(inherited) ? {} : { PULUMI_CONFIG_PASSPHRASE_FILE: places.passphrase }),
    ...(provision.backend === undefined || inherited.PULUMI_BACKEND_URL !== undefined
      ? {}
      : { PULUMI_BACKEND_URL: provision.backend }),
    PULUMI_SKIP_UPDATE_CHECK: "1",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    NODE_COMPILE_CACHE: places.compileCache,
    ...(provision.dockerHost === undefined ? {} : { DOCKER_HOST: provision.dockerHost }),
    ...Object.fromEntries(images),
  };
}

/** Tells whether the user brings a passphrase. An empty one counts: Pulumi accepts it. */
export function hasPassphrase(environment: NodeJS.ProcessEnv): boolean {
  return environment.PULUMI_CONFIG_PASSPHRASE !== undefined || environment.PULUMI_CONFIG_PASSPHRASE_FILE !== undefined;
}

/** The variable that replaces an image of images.json: `SLIPWAY_IMAGE_HAPROXY` for `haproxy`. */
export function imageVariable(name: string): string {
  return `SLIPWAY_IMAGE_${name.toUpperCase().replaceAll("-", "_")}`;
}

/**
 * The absolute address of the state that Pulumi.yaml names by a relative one, which Pulumi would look for in the current
 * directory. Undefined where the project keeps its state elsewhere.
 */
export function localBackend(pulumiYaml: string, projectFile: string): string | undefined {
  const url = projectSchema.parse(parse(pulumiYaml)).backend?.url;
  const path = url?.startsWith("file://") ? url.slice("file://".length) : undefined;
  if (path === undefined || isAbsolute(path) || path.startsWith("~")) return undefined;
  return `file://${resolve(dirname(projectFile), path)}`;
}

const projectSchema = z.object({ backend: z.object({ url: z.string().optional() }).optional() });

/** Writes an environment as lines that a POSIX shell evaluates. */
export function exportLines(environment: Record<string, string>): string {
  return Object.entries(environment)
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'\n`)
    .join("");
}

function searchPath(first: readonly string[], inherited: string): string {
  const rest = inherited.split(":").filter((directory) => directory !== "" && !first.includes(directory));
  return [...first, ...rest].join(":");
}
