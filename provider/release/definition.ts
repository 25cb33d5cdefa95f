import type Docker from "dockerode";
import type { Fragment } from "./fragment.ts";
import type { ReleasePlan } from "./inputs.ts";

/** What the proxy is to know of a service, whichever containers serve it. */
export interface Definition extends Omit<Fragment, "slots"> {
  /** Port that the containers listen on. */
  port: number;
}

/**
 * Reads from a release what the proxy is to know.
 *
 * @throws {Error} when the network on which neighbours are to reach the service does not exist, or no port is given.
 */
export async function definitionOf(docker: Docker, inputs: ReleasePlan): Promise<Definition> {
  const { environment, service, hosts, rules, internalPort, sticky, port } = inputs;
  if (port === undefined) throw new Error(`port: must be set for service "${service}", which the proxy leads to`);
  const internal =
    internalPort === undefined
      ? {}
      : { internal: { port: internalPort, subnets: await subnetsOf(docker, inputs.network) } };
  return { environment, service, health: healthOf(inputs), hosts, rules, ...internal, ...(sticky && { sticky }), port };
}

/** What the proxy asks; a command is nothing that it could run, so it opens a connection. */
function healthOf({ health, hosts }: ReleasePlan): Fragment["health"] {
  if (health?.path === undefined) return undefined;
  const { path, everySeconds, timeoutSeconds, failures } = health;
  return { path, host: hostOf({ health, hosts }), everySeconds, timeoutSeconds, failures };
}

/** Host that a container is asked for. */
export function hostOf({ health, hosts }: Pick<ReleasePlan, "health" | "hosts">): string {
  return health?.host ?? hosts[0]?.replace(/\/.*$/, "") ?? "localhost";
}

async function subnetsOf(docker: Docker, network: string): Promise<string[]> {
  const { IPAM } = await docker.getNetwork(network).inspect();
  return (IPAM?.Config ?? []).flatMap(({ Subnet }) => Subnet ?? []).sort();
}
