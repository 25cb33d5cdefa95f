import type Docker from "dockerode";
import type { AuthConfigObject } from "dockerode";
import { z } from "zod";
import type { ResourceContext } from "../plugin/resource.ts";
import { reasonOf } from "../engine/engine.ts";
import { follow } from "./follow.ts";
import { parseReference } from "./reference.ts";

const pushed = z.object({ Digest: z.string() });

/**
 * Pushes a tag and returns its digest, `sha256:…`. Registries on 127.0.0.0/8 are spoken to without TLS by the engine.
 *
 * @throws {Error} with the registry's reason when it is refused.
 */
export async function pushImage(
  docker: Docker,
  imageName: string,
  authconfig: AuthConfigObject | undefined,
  context: ResourceContext,
): Promise<string> {
  const { repository, tag = "latest" } = parseReference(imageName);
  context.progress(`pushing ${imageName}`);
  try {
    const stream = await docker.getImage(repository).push({ tag, authconfig });
    const events = await follow(docker, stream, ({ status }) => {
      if (status !== undefined) context.progress(`pushing ${imageName}: ${status}`);
    });
    const digest = events.map(({ aux }) => pushed.safeParse(aux).data?.Digest).find((found) => found !== undefined);
    if (digest === undefined) throw new Error("the registry named no digest");
    return digest;
  } catch (error) {
    throw new Error(`${imageName} could not be pushed: ${plainly(reasonOf(error))}`, { cause: error });
  }
}

/** Engines pass on what a registry says of a refusal, and of a failure no more than its number. */
function plainly(reason: string): string {
  return reason.endsWith("503 Service Unavailable")
    ? "the registry does not answer (503 Service Unavailable), tried for a minute: see whether its container runs"
    : reason;
}
