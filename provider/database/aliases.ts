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
  for (const node of others) await call(docker, network, node, { never: database });
  for (const node of replicas) await call(docker, network, node, replicaNames(database));
  await call(docker, network, primary, primaryNames(database));
}

/** What of a container says how it is called where. */
export interface Placed {
  Id: string;
  NetworkSettings: { Networks: Readonly<Record<string, { Aliases?: readonly string[] | null } | undefined>> };
}

/** Whether a database's server is called as its place among the others wants it. */
export function isCalledRight(
  info: Placed,
  network: string,
  { database, isPrimary }: { database: string; isPrimary: boolean },
): boolean {
  return isCalled(aliasesOn(info, network), isPrimary ? primaryNames(database) : replicaNames(database));
}

/** Names that a server has to have, and that it must not have. */
interface Wanted {
  always?: string;
  never?: string;
}

function primaryNames(database: string): Wanted {
  return { always: database };
}

function replicaNames(database: string): Wanted {
  return { always: `${database}-replica`, never: database };
}

/** What a container is called on a network; undefined where it is not on it. */
function aliasesOn({ Id, NetworkSettings }: Placed, network: string): string[] | undefined {
  const place = NetworkSettings.Networks[network];
  // The engine adds the container's own id.
  return place && (place.Aliases ?? []).filter((name) => !Id.startsWith(name));
}

function isCalled(aliases: readonly string[] | undefined, { always, never }: Wanted): boolean {
  if (aliases === undefined || (always !== undefined && !aliases.includes(always))) return false;
  return never === undefined || !aliases.includes(never);
}

async function call(docker: Docker, network: string, node: Node, wanted: Wanted): Promise<void> {
  const info = await node.inspect();
  if (!info) return;
  const aliases = aliasesOn(info, network);
  if (isCalled(aliases, wanted)) return;
  const joined = docker.getNetwork(network);
  if (aliases) await joined.disconnect({ Container: info.Id, Force: true });
  const { always, never } = wanted;
  const kept = (aliases ?? []).filter((name) => name !== never);
  const Aliases = [...new Set([node.name, ...kept, ...(always === undefined ? [] : [always])])];
  await joined.connect({ Container: info.Id, EndpointConfig: { Aliases } });
}
