import type Docker from "dockerode";
import { z } from "zod";
import { connect, statusOf } from "./engine/engine.ts";
import { label } from "./names.ts";
import { checkInputs } from "./plugin/inputs.ts";
import { defineResource } from "./plugin/resource.ts";

const inputs = z.object({
  /** Namespace of the environment. */
  namespace: label,
  /** Repository with its registry, such as `127.0.0.1:5000/dev/web`. A change replaces. */
  repository: z.string().min(1, "must be a repository"),
  /** The reference that now runs, by digest. */
  current: z.string().min(1, "must be an image reference"),
  /** How many images of the repository stay on the engine, the current one included. 1-1000. @default 5 */
  keep: z.int().min(1).max(1000).default(5),
});

/** Inputs of {@link localImages}. */
export type LocalImagesInputs = z.input<typeof inputs>;

/** Keeps an engine's disk from filling: of a repository's images, the newest and those in use stay. */
export const localImages = defineResource({
  inputs,
  state: inputs,
  check: (news) => checkInputs(inputs, news),
  diff: (olds, news) => ({
    changed: Object.keys(news).filter((key) => news[key] !== olds.inputs[key]),
    replaces: ["namespace", "repository"].filter((key) => news[key] !== olds.inputs[key]),
  }),
  create: (news) => Promise.resolve({ id: `${news.namespace}/${news.repository}`, state: news }),
  async update(_id, _olds, news, context) {
    const docker = await connect(context);
    const images = await imagesOf(docker, news.repository);
    for (const image of superfluous(images, news.current, news.keep)) await removeReferences(docker, image.references);
    return news;
  },
  async delete(_id, { repository }, context) {
    const docker = await connect(context);
    for (const { references } of await imagesOf(docker, repository)) await removeReferences(docker, references);
  },
});

/** An image and by which names one repository knows it. */
export interface LocalImage {
  /** Seconds since 1970. */
  created: number;
  references: string[];
}

/** The images to remove: all but the current one and the newest, `keep` in number. */
export function superfluous(images: readonly LocalImage[], current: string, keep: number): LocalImage[] {
  return images
    .filter(({ references }) => !references.includes(current))
    .sort((a, b) => b.created - a.created)
    .slice(keep - 1);
}

async function imagesOf(docker: Docker, repository: string): Promise<LocalImage[]> {
  const images = await docker.listImages();
  return images
    .map(({ Created, RepoTags, RepoDigests }) => ({
      created: Created,
      references: [...(RepoTags ?? []), ...(RepoDigests ?? [])].filter((name) => repositoryOf(name) === repository),
    }))
    .filter(({ references }) => references.length > 0);
}

/** The name without `:tag` and `@digest`; a colon before a slash belongs to the registry's port. */
function repositoryOf(reference: string): string {
  return reference.replace(/@.*$/, "").replace(/:[^/:]*$/, "");
}

/** An image that a container uses stays: Docker refuses with 409. */
async function removeReferences(docker: Docker, references: readonly string[]): Promise<void> {
  for (const reference of references) {
    try {
      await docker.getImage(reference).remove();
    } catch (error) {
      if (![404, 409].includes(statusOf(error) ?? 0)) throw error;
    }
  }
}
