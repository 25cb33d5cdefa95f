import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type * as spec from "./spec/index.ts";
import { choice } from "./spec/suggestion.ts";

/** Volumes of other stacks on the engine, by the name that they have in an environment. */
export type Shares = Readonly<Record<string, string>>;

const stackShape = z.object({ outputs: z.object({ volumes: z.record(z.string(), z.string()).optional() }) });

/**
 * Finds the volumes that an environment shares with other stacks.
 *
 * @throws {pulumi.RunError} naming each one whose stack is the environment's own, has not been deployed, or has no such volume.
 */
export async function readShares(project: string, own: string, { volumes }: spec.Environment): Promise<Shares> {
  const shared = Object.entries(volumes).flatMap(([name, it]) => (it.kind === "shared" ? [{ name, ...it }] : []));
  const stacks = [...new Set(shared.map(({ stack }) => stack))].filter((stack) => stack !== own).sort();
  const read = stacks.map(async (stack) => [stack, await volumesOf(project, stack)] as const);
  const found = new Map(await Promise.all(read));
  const faults: string[] = [];
  const entries = shared.flatMap(({ name, stack, volume }) => {
    const there = found.get(stack);
    const onEngine = there?.[volume];
    if (onEngine !== undefined) return [[name, onEngine]];
    faults.push(`volumes.${name}.shareFrom: ${complaintOf({ stack, volume }, own, there)}`);
    return [];
  });
  if (faults.length > 0) throw new pulumi.RunError(faults.join("\n"));
  return Object.fromEntries(entries) as Shares;
}

function complaintOf(
  { stack, volume }: { stack: string; volume: string },
  own: string,
  there: Shares | undefined,
): string {
  const got = `got "${stack}/${volume}"`;
  if (stack === own) return `must be a volume of another stack than ${own} itself, ${got}`;
  if (there === undefined) {
    return `must be a volume of a stack that is deployed, ${got}; deploy it first with pulumi up --stack ${stack}`;
  }
  return `must be a volume that the stack ${stack} has, ${got}${choice(volume, Object.keys(there))}`;
}

/** The volumes of a stack; undefined where there is no such stack, or it has no outputs. */
async function volumesOf(project: string, stack: string): Promise<Shares | undefined> {
  // A state backend of one's own knows one organisation, and calls it so.
  const name = `organization/${project}/${stack}`;
  try {
    return stackShape.parse(await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name })).outputs.volumes;
  } catch (error) {
    if (error instanceof Error && error.message.includes("unknown stack")) return undefined;
    throw error;
  }
}
