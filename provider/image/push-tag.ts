import type Docker from "dockerode";
import type { AuthConfigObject } from "dockerode";
import { inspectIfThere, unlessGone } from "../engine/engine.ts";
import type { ResourceContext } from "../plugin/resource.ts";
import { pushImage } from "./push.ts";
import { parseReference } from "./reference.ts";

/**
 * Puts a tag on an image of the same registry: the engine pushes what the registry has already under one more name. Works
 * over ssh too, where the registry is out of reach from here.
 *
 * @returns the digest that the tag names now.
 * @throws {Error} when the engine does not have the image, or the registry refuses.
 */
export async function pushTag(
  docker: Docker,
  { image, as, auth }: { image: string; as: string; auth: AuthConfigObject | undefined },
  context: ResourceContext,
): Promise<string> {
  const { repository, tag = "latest" } = parseReference(as);
  const found = await inspectIfThere(docker.getImage(image));
  if (!found) throw new Error(`image: the engine does not have ${image}, so it cannot be tagged: pull it first`);
  const source = docker.getImage(image);
  await source.tag({ repo: repository, tag });
  try {
    return await pushImage(docker, as, auth, context);
  } finally {
    // The tag is for whoever looks into the registry; what is on the engine goes by digest. With the last tag of a repository an
    // engine takes its digests away as well, by which containers know the image: such a tag stays until the image goes.
    const others = found.RepoTags.filter((each) => each !== as && parseReference(each).repository === repository);
    if (others.length > 0) await unlessGone<unknown>(docker.getImage(as).remove());
  }
}
