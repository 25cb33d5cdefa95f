import type Docker from "dockerode";
import type { AuthConfigObject } from "dockerode";
import { z } from "zod";
import { reasonOf, statusOf } from "../engine/engine.ts";

const distribution = z.object({ Descriptor: z.object({ digest: z.string() }) });

/**
 * The digest that a tag names in the registry, which the engine asks; undefined where there is no such tag.
 *
 * @throws {Error} when the registry does not answer, or refuses.
 */
export async function digestInRegistry(
  docker: Docker,
  image: string,
  authconfig: AuthConfigObject,
): Promise<string | undefined> {
  try {
    const answer: unknown = await docker.getImage(image).distribution({ authconfig });
    return distribution.parse(answer).Descriptor.digest;
  } catch (error) {
    if (statusOf(error) === 404 || /manifest unknown|not found/.test(reasonOf(error))) return undefined;
    throw error;
  }
}
