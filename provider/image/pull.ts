import type Docker from "dockerode";
import type { ImageInspectInfo } from "dockerode";
import type { ResourceContext } from "../plugin/resource.ts";
import { inspectIfThere, reasonOf } from "../engine/engine.ts";
import { follow } from "./follow.ts";
import { authFor } from "./registry-auth.ts";

/**
 * Finds an image on the engine, or pulls it with the provider's credentials. A tag that is there already is not pulled
 * again.
 *
 * @throws {Error} when the image can neither be found nor pulled.
 */
export async function findImage(
  docker: Docker,
  reference: string,
  context: ResourceContext,
  platform?: string,
): Promise<ImageInspectInfo> {
  const local = await inspectIfThere(docker.getImage(reference));
  if (local) return local;
  if (/^sha256:[0-9a-f]+$/.test(reference)) {
    throw new Error(
      `image: ${reference} is not on the engine, and an image id cannot be pulled: build or pull it first`,
    );
  }
  context.progress(`pulling ${reference}`);
  try {
    const authconfig = await authFor(reference, context);
    const stream = await docker.pull(reference, { authconfig, platform });
    await follow(docker, stream, ({ status }) => {
      if (status?.startsWith("Downloading") !== true) context.progress(`pulling ${reference}: ${status ?? ""}`);
    });
  } catch (error) {
    throw new Error(`image: ${reference} could not be pulled: ${reasonOf(error)}`, { cause: error });
  }
  return docker.getImage(reference).inspect();
}
