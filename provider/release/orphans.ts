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
  const own = { namespace, environment, service, role: "app" };
  return (await containersLabelled(docker, own)).filter((name) => !known.includes(name));
}

/** Names of all containers, running or not, that have every one of the labels; sorted. */
export async function containersLabelled(
  docker: Docker,
  wanted: Partial<Record<keyof typeof labels, string>>,
): Promise<string[]> {
  const entries = Object.entries(wanted) as [keyof typeof labels, string][];
  const label = entries.map(([key, value]) => `${labels[key]}=${value}`);
  const found = await docker.listContainers({ all: true, filters: { label } });
  return found.flatMap(({ Names: [name = ""] }) => name.replace(/^\//, "")).sort();
}

/** Removes containers that never served; what is gone already is fine. */
export async function removeOrphans(docker: Docker, names: readonly string[]): Promise<void> {
  await Promise.all(names.map((name) => unlessGone(docker.getContainer(name).remove({ force: true, v: true }))));
}
