import { z } from "zod";
import { internalHost } from "../names.ts";
import { UNASSIGNED } from "../proxy/runtime-output.ts";
import { INTERNAL_PORTS } from "./internal-ports.ts";
import { renderRules, routeRule } from "./route-rules.ts";

const slot = z.object({
  /** `s1`, `s2`, … */
  name: z.string(),
  /** Container that serves from it after a restart of the proxy; undefined when it is free. */
  container: z.string().optional(),
  port: z.int(),
  /** False when the slot was taken before the service's health path changed; it is trusted until it is drained. */
  checked: z.boolean(),
});

const fragment = z.object({
  environment: z.string(),
  service: z.string(),
  /** What the proxy's check asks for; without it, it opens a connection. */
  health: z
    .object({
      path: z.string(),
      host: z.string(),
      everySeconds: z.int(),
      timeoutSeconds: z.int(),
      failures: z.int(),
    })
    .optional(),
  /** `host` or `host/path`. */
  hosts: z.array(z.string()),
  /** Where the environment's other containers reach it: a port of the proxy, and the networks that they come from. */
  internal: z.object({ port: z.int(), subnets: z.array(z.string()) }).optional(),
  /** True keeps a client on the container that answered it first. */
  sticky: z.boolean().optional(),
  /** One for each of the hosts, or none at all when every request may come in by all of them. */
  rules: z.array(routeRule).default([]),
  slots: z.array(slot),
});

/** A server line of a backend. */
export type Slot = z.infer<typeof slot>;

/** A service as its configuration fragment holds it: the truth that survives a restart of the proxy. */
export type Fragment = z.infer<typeof fragment>;

const HEADER = "# slipway ";
const INTERNAL = `${INTERNAL_PORTS.first}:${INTERNAL_PORTS.last}`;

/** Name of a service's backend. */
export function backendName({ environment, service }: Pick<Fragment, "environment" | "service">): string {
  return `${environment}.${service}`;
}

/** Name of a service's file below `/etc/slipway/services`. */
export function fragmentFile(owner: Pick<Fragment, "environment" | "service">): string {
  return `${backendName(owner)}.cfg`;
}

/** The text of a service's file. Its first line holds the fragment itself, the rest is what HAProxy reads. */
export function renderFragment(service: Fragment): string {
  const { health, internal, rules, sticky, slots } = service;
  const check =
    health === undefined
      ? []
      : [
          "option httpchk",
          `http-check send meth GET uri '${health.path}' ver HTTP/1.1 hdr Host '${health.host}'`,
          "http-check expect status 200-399",
          `timeout check ${health.timeoutSeconds}s`,
        ];
  const lines = [
    // A service may close an idle connection just as it is used; only what changes nothing is sent once more.
    "retry-on conn-failure empty-response",
    "http-request disable-l7-retry unless METH_GET",
    ...(internal ? [`http-request deny if { dst_port ${INTERNAL} } !{ src ${internal.subnets.join(" ")} }`] : []),
    ...(sticky === true ? ["cookie SLIPWAY insert indirect nocache httponly secure attr SameSite=Lax"] : []),
    ...renderRules(backendName(service), rules),
    ...check,
    ...slots.map((slot) => renderSlot(slot, service)),
  ];
  return `${HEADER}${JSON.stringify(fragment.parse(service))}\nbackend ${backendName(service)}\n  ${lines.join("\n  ")}\n`;
}

/** Reads the first line of a service's file; undefined when that is damaged. */
export function parseFragment(content: string): Fragment | undefined {
  const [first = ""] = content.split("\n", 1);
  if (!first.startsWith(HEADER)) return undefined;
  return fragment.safeParse(parseJson(first.slice(HEADER.length))).data;
}

/** The map of `host/path/` to backend, from every service's fragment. */
export function hostsMap(fragments: Iterable<Fragment>): Map<string, string> {
  const entries = [...fragments].flatMap((service) =>
    keysOf(service).map((key) => [key, backendName(service)] as const),
  );
  return new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Keys of the map of hosts that lead to a service: its hosts, and the port that its neighbours use. */
export function keysOf({ environment, hosts, internal }: Fragment): string[] {
  const neighbours = internal ? [`${internalHost(environment)}:${internal.port}/`] : [];
  return [...hosts.map((host) => `${host}/`), ...neighbours];
}

/** The text of `/etc/slipway/hosts.map`. */
export function renderHostsMap(hosts: ReadonlyMap<string, string>): string {
  return [...hosts].map(([key, backend]) => `${key} ${backend}\n`).join("");
}

/**
 * @throws {Error} when another service already has one of the hosts; it names both services.
 */
export function refuseClaimedHosts(service: Fragment, others: Iterable<Fragment>): void {
  const claimed = [...others]
    .filter((other) => backendName(other) !== backendName(service))
    .flatMap((other) => other.hosts.filter((host) => service.hosts.includes(host)).map((host) => ({ host, other })));
  if (claimed.length === 0) return;
  const reasons = claimed.map(
    ({ host, other }) =>
      `hosts: "${host}" already leads to service "${other.service}" of environment "${other.environment}", ` +
      `so service "${service.service}" of environment "${service.environment}" cannot have it; ` +
      "give one of them another host, or take it from the other one first",
  );
  throw new Error(reasons.join("\n"));
}

// The rhythm stands on each line, since a `default-server` line of the backend would undo `resolve-opts` of the base
// configuration in HAProxy 2.6.
function renderSlot({ name, container, port, checked }: Slot, { health, sticky, slots }: Fragment): string {
  const rhythm = health === undefined ? "" : ` inter ${health.everySeconds}s fall ${health.failures}`;
  // Where another replica can answer, one that cannot be connected to is left at once. The only replica is not: while it
  // starts again, requests wait for it.
  const observed = slots.length > 2 ? " observe layer4 error-limit 2 on-error mark-down" : "";
  const check = `${checked ? ` check${rhythm}${observed}` : ""}${sticky === true ? ` cookie ${name}` : ""}`;
  if (container === undefined) return `server ${name} ${UNASSIGNED}:${port}${check} disabled init-addr none`;
  return `server ${name} ${container}:${port}${check}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
