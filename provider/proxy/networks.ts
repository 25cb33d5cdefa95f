import type Docker from "dockerode";
import { statusOf, unlessGone } from "../engine/engine.ts";
import { internalHost, labels } from "../names.ts";

/** A network and the ids of the running containers that are joined to it. */
export interface JoinedNetwork {
  name: string;
  /** Environment that it is the network of, as its label says; the platform's own has none of its services on it. */
  environment: string | undefined;
  containers: string[];
}

/** Every network that the namespace's proxy is to be joined to, by name. */
export async function networksFor(docker: Docker, namespace: string): Promise<JoinedNetwork[]> {
  const found = await docker.listNetworks({ filters: { label: [`${labels.proxy}=${namespace}`] } });
  const inspected = await Promise.all(found.map(({ Id }) => inspect(docker, Id)));
  return inspected.filter((network) => network !== undefined).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** True when the container is joined to the network. */
export async function isJoined(docker: Docker, container: Docker.Container, network: string): Promise<boolean> {
  const found = await inspect(docker, network);
  return found?.containers.includes(container.id) ?? false;
}

/**
 * Joins the container to the network, where the environment's own containers find it by {@link internalHost}; nothing
 * happens when it is joined already.
 */
export async function join(docker: Docker, container: Docker.Container, network: string): Promise<void> {
  const found = await inspect(docker, network);
  if (found?.containers.includes(container.id)) return;
  try {
    const Aliases = found?.environment === undefined ? undefined : [internalHost(found.environment)];
    await docker.getNetwork(network).connect({ Container: container.id, EndpointConfig: { Aliases } });
  } catch (error) {
    // Another deploy joined it a moment ago; Docker says so with 403.
    if (statusOf(error) !== 403 || !(await isJoined(docker, container, network))) throw error;
  }
}

/** Takes the container off the network; nothing happens when it is not joined. */
export async function leave(docker: Docker, container: Docker.Container, network: string): Promise<void> {
  if (!(await isJoined(docker, container, network))) return;
  await docker.getNetwork(network).disconnect({ Container: container.id, Force: true });
}

async function inspect(docker: Docker, network: string): Promise<JoinedNetwork | undefined> {
  const found = await unlessGone<Docker.NetworkInspectInfo>(docker.getNetwork(network).inspect());
  if (!found) return undefined;
  const environment = found.Labels?.[labels.environment];
  return { name: found.Name, environment, containers: Object.keys(found.Containers ?? {}) };
}
