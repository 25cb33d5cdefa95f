import type Docker from "dockerode";
import { z } from "zod";
import { pulumi } from "../stack/pulumi.ts";
import type { PulumiContext } from "../stack/pulumi.ts";

const DIGEST = /sha256:[0-9a-f]{64}/g;

/** What is deployed: by digest, the stacks and containers that name it. */
export type InUse = Map<string, Set<string>>;

/** The names of all stacks of the project. @throws {UserError} when they cannot be told. */
export async function stackNames(context: PulumiContext): Promise<string[]> {
  const listed = z
    .array(z.object({ name: z.string() }))
    .parse(JSON.parse(await pulumi(context, "stack", "ls", "--json")));
  return listed.map(({ name }) => name.slice(name.lastIndexOf("/") + 1)).sort();
}

/**
 * Finds every image that a stack of the project or a container of the engine has. A stack keeps what its state names
 * anywhere: what runs, what it can go back to, what it was built on.
 *
 * @throws {UserError} when a stack cannot be read, since nothing is known of it then.
 */
export async function findInUse(stacks: readonly string[], docker: Docker, context: PulumiContext): Promise<InUse> {
  const used: InUse = new Map();
  const add = (digest: string, by: string) => {
    used.set(digest, (used.get(digest) ?? new Set()).add(by));
  };
  for (const stack of stacks) {
    const state = await pulumi(context, "stack", "export", "--stack", stack);
    for (const [digest] of state.matchAll(DIGEST)) add(digest, stack);
  }
  const images = new Map((await docker.listImages()).map(({ Id, RepoDigests }) => [Id, RepoDigests ?? []]));
  for (const { ImageID, Image, Names } of await docker.listContainers({ all: true })) {
    const references = [Image, ...(images.get(ImageID) ?? [])].join(" ");
    for (const [digest] of references.matchAll(DIGEST)) add(digest, `container ${Names[0]?.slice(1) ?? ""}`);
  }
  return used;
}
