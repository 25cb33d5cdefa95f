import type Docker from "dockerode";
import { z } from "zod";
import { pulumi } from "../stack/pulumi.ts";
import type { PulumiContext } from "../stack/pulumi.ts";

const imageBuild = z.looseObject({ type: z.literal("slipway:index:ImageBuild"), outputs: z.looseObject({}) });
const REFERENCE = /(?:[\w.:-]+\/([\w./-]+)@)?(sha256:[0-9a-f]{64})/g;

/** What is deployed: by `repository@digest`, or by a digest that stands alone, the stacks and containers that name it. */
export type InUse = Map<string, Set<string>>;

/**
 * Finds every image that a stack of the project or a container of the engine has. A stack keeps what its state names
 * anywhere: what runs, what it can go back to, what it was built on.
 *
 * @throws {UserError} when a stack cannot be read, since nothing is known of it then.
 */
export async function findInUse(stacks: readonly string[], docker: Docker, context: PulumiContext): Promise<InUse> {
  const used: InUse = new Map();
  const add = (text: string, by: string) => {
    for (const name of namedIn(text)) used.set(name, (used.get(name) ?? new Set()).add(by));
  };
  for (const stack of stacks) {
    add(withoutBuilds(await pulumi(context, "stack", "export", "--stack", stack)), stack);
  }
  const images = new Map((await docker.listImages()).map(({ Id, RepoDigests }) => [Id, RepoDigests ?? []]));
  for (const { ImageID, Image, Names } of await docker.listContainers({ all: true })) {
    // A container that was made by a tag is of every repository that has its image.
    const names = Image.includes("@") ? [Image] : (images.get(ImageID) ?? []);
    add(names.join(" "), `container ${Names[0]?.slice(1) ?? ""}`);
  }
  return used;
}

/** An exported state without its record of past builds, which `npm run trace` reads: what was built once runs no more. */
export function withoutBuilds(state: string): string {
  return JSON.stringify(
    JSON.parse(state, (_key, value: unknown) => {
      const { data } = imageBuild.safeParse(value);
      return data ? { ...data, outputs: { ...data.outputs, builds: undefined } } : value;
    }),
  );
}

/** The images that a text names: `repository@digest`, without the registry's host, or a digest alone. */
export function namedIn(text: string): string[] {
  const names = [...text.matchAll(REFERENCE)].map(([, repository, digest = ""]) =>
    repository === undefined ? digest : `${repository}@${digest}`,
  );
  return [...new Set(names)];
}
