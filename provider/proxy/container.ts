import type Docker from "dockerode";
import { labels } from "../names.ts";

/** The namespace's running proxy; undefined when there is none. */
export async function findProxy(docker: Docker, namespace: string): Promise<Docker.Container | undefined> {
  const found = await docker.listContainers({
    filters: { label: [`${labels.namespace}=${namespace}`, `${labels.role}=proxy`], status: ["running"] },
  });
  // While the platform replaces its proxy, two may run for a moment: the newer one stays.
  const newest = found.sort((a, b) => b.Created - a.Created)[0];
  return newest && docker.getContainer(newest.Id);
}

/**
 * The namespace's running proxy.
 *
 * @throws {Error} when there is none.
 */
export async function runningProxy(docker: Docker, namespace: string): Promise<Docker.Container> {
  const proxy = await findProxy(docker, namespace);
  if (proxy) return proxy;
  throw new Error(
    `no reverse proxy runs in namespace "${namespace}": bring the platform up first (pulumi up --stack platform)`,
  );
}
