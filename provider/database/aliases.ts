import type Docker from "dockerode";
import type { Node } from "./node.ts";

/** Who answers to the names of a database. */
export interface Names {
  database: string;
  network: string;
  primary: Node;
  /** Those that follow the primary and answer readers. */
  replicas: readonly Node[];
  /** Those that may not be called the primary. */
  others: readonly Node[];
}

/**
 * Gives the primary the database's name and the replicas the name for readers. Only a new place on the network changes
 * what a container is called there, which cuts its connections: so it happens to those alone that are called wrong.
 */
export async function giveNames(
  docker: Docker,
  { database, network, primary, replicas, others }: Names,
): Promise<void> {
  const reader = `${database}-replica`;
  for (const node of others) await call(docker, network, node, { never: database });
  for (const node of replicas) await call(docker, network, node, { always: reader, never: database });
  await call(docker, network, primary, { always: database });
}

async function call(
  docker: Docker,
  network: string,
  node: Node,
  { always, never }: { always?: string; never?: string },
): Promise<void> {
  const info = await node.inspect();
  if (!info) return;
  const place = info.NetworkSettings.Networks[network] as Docker.EndpointSettings | undefined;
  // The engine adds the container's own id.
  const aliases = (place?.Aliases ?? []).filter((name) => !info.Id.startsWith(name));
  const isRight = place && (always === undefined || aliases.includes(always));
  if (isRight && (never === undefined || !aliases.includes(never))) return;
  const joined = docker.getNetwork(network);
  if (place) await joined.disconnect({ Container: info.Id, Force: true });
  const kept = aliases.filter((name) => name !== never);
  const Aliases = [...new Set([node.name, ...kept, ...(always === undefined ? [] : [always])])];
  await joined.connect({ Container: info.Id, EndpointConfig: { Aliases } });
}
