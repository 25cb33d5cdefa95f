import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Places } from "../places.ts";
import { stackNames } from "../stack/names.ts";
import { pulumi } from "../stack/pulumi.ts";
import type { PulumiContext } from "../stack/pulumi.ts";
import { REVIEW_PREFIX, slugOf } from "./slug.ts";

/** A stack that shows one branch, and what its tags say of it. */
export interface ReviewStack {
  stack: string;
  /** Undefined for one that was deployed without `npm run review`. */
  branch: string | undefined;
  /** When its time has passed; undefined for one that was deployed without `npm run review`. */
  expires: Date | undefined;
  /** Port of its own, where the platform has some for environments. */
  port: number | undefined;
}

const TAGS = { branch: "slipway:branch", expires: "slipway:expires", port: "slipway:port" };
// Names below the domain that belong to the platform.
const RESERVED = ["registry"];

/** The stack that shows a branch; never the name of an environment with a stack file of its own. */
export async function stackOfBranch(branch: string, { repository }: Places): Promise<string> {
  const files = await readdir(join(repository, "stacks"));
  const taken = files.filter((file) => file.endsWith(".ts")).map((file) => file.slice(0, -".ts".length));
  return REVIEW_PREFIX + slugOf(branch, [...taken, ...RESERVED]);
}

/** Every review stack of the project, by name. */
export async function listReviewStacks(context: PulumiContext): Promise<ReviewStack[]> {
  const names = (await stackNames(context)).filter((name) => name.startsWith(REVIEW_PREFIX));
  return Promise.all(names.map((stack) => readReviewStack(context, stack)));
}

/** What the tags of a stack that is there say. */
export async function readReviewStack(context: PulumiContext, stack: string): Promise<ReviewStack> {
  const tags = tagsSchema.parse(JSON.parse(await pulumi(context, "stack", "tag", "ls", "--json", "--stack", stack)));
  const { [TAGS.branch]: branch, [TAGS.expires]: expires, [TAGS.port]: port } = tags;
  return {
    stack,
    branch,
    expires: expires === undefined ? undefined : new Date(expires),
    port: port === undefined ? undefined : Number(port),
  };
}

/** Writes what a stack shows and how long, in tags: they are there from the first deploy on, even if it fails. */
export async function tagReviewStack(
  context: PulumiContext,
  { stack, branch, expires, port }: { stack: string; branch: string; expires: Date; port: number | undefined },
): Promise<void> {
  await pulumi(context, "stack", "tag", "set", TAGS.branch, branch, "--stack", stack);
  await pulumi(context, "stack", "tag", "set", TAGS.expires, expires.toISOString(), "--stack", stack);
  if (port !== undefined) await pulumi(context, "stack", "tag", "set", TAGS.port, String(port), "--stack", stack);
}

const tagsSchema = z.record(z.string(), z.string());
