import { z } from "zod";
import { connect, reasonOf } from "./engine/engine.ts";
import { pushTag } from "./image/push-tag.ts";
import { credentials, registryHost } from "./image/registry-auth.ts";
import { digestInRegistry } from "./image/registry-digest.ts";
import { checkInputs } from "./plugin/inputs.ts";
import { defineResource } from "./plugin/resource.ts";
import type { ResourceContext } from "./plugin/resource.ts";

const inputs = z.object({
  /** Image by digest, which the engine has. A change moves the tags. */
  image: z.string().min(1, "must be an image by digest"),
  /** Tags that name it in its repository. A change adds tags; none is ever taken away. */
  tags: z.array(z.string().regex(/^\w[\w.-]{0,127}$/, "must be a tag of letters, digits, '_', '.' and '-'")),
  /** Registry that has the image. */
  registry: z.object({ server: z.string(), username: z.string(), password: z.string() }),
});

/** Inputs of {@link imageTags}. */
export type ImageTagsInputs = z.input<typeof inputs>;

type Plan = z.output<typeof inputs>;

/** Names for people in the registry: `branch-main`, `1.2.0`, `latest`. The digest is what runs; a tag can be moved. */
export const imageTags = defineResource({
  inputs,
  state: inputs,
  check: (news) => checkInputs(inputs, news),
  diff(olds, news) {
    if (news.image !== olds.inputs.image) return { changed: ["image"] };
    const { data } = inputs.pick({ tags: true }).safeParse(olds.state);
    const added = Array.isArray(news.tags) && news.tags.some((tag) => !data?.tags.includes(String(tag)));
    return { changed: added ? ["tags"] : [] };
  },
  async create(plan, context) {
    await pushTags(plan, plan.tags, context);
    return { id: repositoryOf(plan.image), state: plan };
  },
  async update(_id, olds, plan, context) {
    const kept = olds.image === plan.image ? olds.tags : [];
    const added = plan.tags.filter((tag) => !kept.includes(tag));
    await pushTags(plan, added, context);
    return { ...plan, tags: [...kept, ...added] };
  },
  // A tag that was moved or removed by hand shows as missing, so that the next `up` puts it back.
  async read(_id, recorded, context) {
    const plan = inputs.parse(recorded);
    const tags = await placedTags(plan, context);
    return { inputs: { ...plan, tags }, state: { ...plan, tags } };
  },
});

/** The tags that name the image in the registry; those on record where it cannot be asked, as what runs needs none of them. */
async function placedTags(plan: Plan, context: ResourceContext): Promise<string[]> {
  try {
    const digests = await Promise.all(plan.tags.map((tag) => digestOf(plan, tag, context)));
    return plan.tags.filter((_, index) => digests[index] === digestIn(plan.image));
  } catch (error) {
    context.warn(`the tags of ${repositoryOf(plan.image)} could not be read: ${reasonOf(error)}`);
    return plan.tags;
  }
}

async function pushTags(plan: Plan, tags: readonly string[], context: ResourceContext): Promise<void> {
  if (tags.length === 0) return;
  const docker = await connect(context);
  for (const tag of tags) {
    const as = `${repositoryOf(plan.image)}:${tag}`;
    const digest = await pushTag(docker, { image: plan.image, as, auth: authOf(plan) }, context);
    if (digest === digestIn(plan.image)) continue;
    throw new Error(
      `${as} names ${digest} and not ${plan.image}: the engine cannot push this image as it pulled it; ` +
        "push it once more from the engine that built it",
    );
  }
}

async function digestOf(plan: Plan, tag: string, context: ResourceContext): Promise<string | undefined> {
  return digestInRegistry(await connect(context), `${repositoryOf(plan.image)}:${tag}`, authOf(plan));
}

function authOf({ registry }: Plan) {
  return credentials(registryHost(registry.server), registry.username, registry.password);
}

function repositoryOf(image: string): string {
  return image.replace(/@.*$/, "");
}

function digestIn(image: string): string {
  return image.slice(image.indexOf("@") + 1);
}
