import type Docker from "dockerode";
import { inspectIfThere } from "../engine/engine.ts";
import { parseReference, repoDigestOf } from "./reference.ts";

/** The digest of a base image: as its name says it, or as the engine knows it; undefined where neither does. */
export async function digestOfBase(docker: Docker, base: string): Promise<string | undefined> {
  const { digest } = parseReference(base);
  if (digest !== undefined) return digest;
  const found = await inspectIfThere(docker.getImage(base));
  const pulled = repoDigestOf(base, found?.RepoDigests);
  // An image that was made on the engine has no digest of a registry; its id names its content as well.
  return pulled === "" ? found?.Id : pulled.slice(pulled.indexOf("@") + 1);
}
