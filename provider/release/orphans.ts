import type Docker from "dockerode";
import { unlessGone } from "../engine/engine.ts";
import { labels } from "../names.ts";
import type { ReleasePlan } from "./inputs.ts";

/**
 * A service's containers that no release knows, by name: an `up` that was killed had made them and could not record
 * them, so nothing else would ever remove them.
 */
export async function orphansOf(
  docker: Docker,
  { namespace, environment, service }: Pick<ReleasePlan, "namespace" | "environment" | "service">,
  known: readonly string[],
): Promise<string[]> {
  const found = await docker.listContainers({
    all: true,
    filters: {
      label: [
        `${labels.namespace}=${namespace}`,
        `${labels.environment}=${environment}`,
        `${labels.service}=${service}`,
        `${labels.role}=app`,
      ],
    },
  });
  const names = found.flatMap(({ Names: [name = ""] }) => name.replace(/^\//, ""));
  return names.filter((name) => !known.includes(name)).sort();
}

/** Removes containers that never served; what is gone already is fine. */
export async function removeOrphans(docker: Docker, names: readonly string[]): Promise<void> {
  await Promise.all(names.map((name) => unlessGone(docker.getContainer(name).remove({ force: true, v: true }))));
}
