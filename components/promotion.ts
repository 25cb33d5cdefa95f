import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type * as spec from "./spec/index.ts";
import { choice } from "./spec/suggestion.ts";

/** What another stack runs of one service. */
export interface PromotedRelease {
  /** Image by digest. */
  image: string;
  version: string;
  /** Commit that it was deployed from there; undefined where there was no git repository. */
  commit?: string | undefined;
}

/** What an environment takes from other stacks: by stack, then by service. */
export type Promotions = Readonly<Record<string, Readonly<Record<string, PromotedRelease>>>>;

/** A place of a declaration that takes an image from another stack. */
interface Place {
  path: string;
  image: spec.StackImage;
}

const stackShape = z.object({
  outputs: z.object({
    releases: z
      .record(z.string(), z.object({ image: z.string(), version: z.string(), commit: z.string().optional() }))
      .optional(),
  }),
});

/**
 * Reads what the stacks run that an environment takes its images from. Services that are pinned take none.
 *
 * @throws {pulumi.RunError} naming each place whose stack is the environment's own, has not been deployed, or runs no such
 * service.
 */
export async function readPromotions(
  project: string,
  own: string,
  environment: spec.Environment,
  pins: Readonly<Record<string, string>>,
): Promise<Promotions> {
  const places = placesOf(environment, pins);
  const stacks = [...new Set(places.map(({ image }) => image.stack))].filter((stack) => stack !== own).sort();
  const read = stacks.map(async (stack) => [stack, await releasesOf(project, stack)] as const);
  const releases = new Map(await Promise.all(read));
  const faults = places.flatMap((place) => faultOf(place, own, releases.get(place.image.stack)) ?? []);
  if (faults.length > 0) throw new pulumi.RunError(faults.join("\n"));
  return Object.fromEntries([...releases].map(([stack, found]) => [stack, found ?? {}]));
}

/**
 * What a stack runs by service, as its outputs say; undefined where it has none, since it was never deployed to its end, and
 * where there is no such stack.
 */
export async function releasesOf(
  project: string,
  stack: string,
): Promise<Readonly<Record<string, PromotedRelease>> | undefined> {
  // A state backend of one's own knows one organisation, and calls it so.
  const name = `organization/${project}/${stack}`;
  try {
    // What a StackReference does, save that this can be answered where there is no such stack: the resource ends the program.
    const { outputs } = stackShape.parse(await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name }));
    return outputs.releases;
  } catch (error) {
    if (error instanceof Error && error.message.includes("unknown stack")) return undefined;
    throw error;
  }
}

function placesOf({ services, jobs }: spec.Environment, pins: Readonly<Record<string, string>>): Place[] {
  const sources = [
    ...Object.entries(services)
      .filter(([name]) => pins[name] === undefined)
      .map(([name, { source }]) => ({ path: `services.${name}.image`, source })),
    ...Object.entries(jobs).map(([name, { source }]) => ({ path: `jobs.${name}.image`, source })),
  ];
  return sources.flatMap(({ path, source }) => (source.kind === "stack" ? [{ path, image: source }] : []));
}

function faultOf(
  { path, image: { stack, service } }: Place,
  own: string,
  releases: Readonly<Record<string, PromotedRelease>> | undefined,
): string | undefined {
  const got = `got fromStack("${stack}", "${service}")`;
  if (stack === own) return `${path}: must be taken from another stack than ${own} itself, ${got}`;
  if (releases === undefined) {
    return `${path}: must be taken from a stack that is deployed, ${got}; deploy it first with pulumi up --stack ${stack}`;
  }
  if (Object.hasOwn(releases, service)) return undefined;
  return `${path}: must be taken from a service that the stack ${stack} runs, ${got}${choice(service, Object.keys(releases))}`;
}
