import { z } from "zod";
import { connect } from "../../provider/engine/engine.ts";
import { pulumi } from "../stack/pulumi.ts";
import type { PulumiContext } from "../stack/pulumi.ts";
import { RegistryApi } from "./api.ts";
import { readRegistry, registryContainer } from "./platform.ts";

/** A tag that a stack has put on an image. */
export interface PlacedTag {
  /** `slipway/prod/website` */
  repository: string;
  tag: string;
  /** `sha256:…` */
  digest: string;
}

/** A tag that names another image than the one that it was put on. */
export interface MovedTag extends PlacedTag {
  /** What it names in the registry; undefined when it is gone. */
  found: string | undefined;
}

/** Asks the registry what the tags name that a stack has put on its images. */
export async function movedTags(context: PulumiContext, stack: string): Promise<MovedTag[]> {
  const placed = placedTags(JSON.parse(await pulumi(context, "stack", "export", "--stack", stack)));
  if (placed.length === 0) return [];
  const { host, namespace, auth } = await readRegistry(context);
  const docker = await connect({ config: { host: host ?? context.environment.DOCKER_HOST } });
  const api = new RegistryApi(await registryContainer(docker, namespace), auth);
  try {
    const moved: MovedTag[] = [];
    for (const [repository, tags] of Map.groupBy(placed, (each) => each.repository)) {
      const digests = await api.tags(repository);
      moved.push(...tags.map((each) => ({ ...each, found: digests.get(each.tag) })));
    }
    return moved.filter(({ digest, found }) => digest !== found);
  } finally {
    api.close();
  }
}

/** The tags that an exported state records. */
export function placedTags(exported: unknown): PlacedTag[] {
  const resources = state.parse(exported).deployment.resources ?? [];
  return resources.flatMap(({ type, outputs }) => {
    const { data } = tagged.safeParse(outputs);
    if (type !== "slipway:index:ImageTags" || !data) return [];
    const [name = "", digest = ""] = data.image.split("@");
    return data.tags.map((tag) => ({ repository: name.slice(name.indexOf("/") + 1), tag, digest }));
  });
}

const tagged = z.object({ image: z.string(), tags: z.array(z.string()) });
const state = z.object({
  deployment: z.object({
    resources: z.array(z.object({ type: z.string(), outputs: z.unknown().optional() })).optional(),
  }),
});
