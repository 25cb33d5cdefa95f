import { createHash } from "node:crypto";
import type * as spec from "../spec/index.ts";

/** First of the proxy's ports for calls within environments, and how many there are; haproxy-config.ts binds them. */
export const INTERNAL_PORTS = { first: 20_000, count: 256 };

/**
 * The port of the proxy under which the rest of the environment reaches each service that answers HTTP, by service. A
 * name decides it, so that a service more or less changes no other's address, save where two names meet.
 */
export function internalPorts(services: Readonly<Record<string, spec.Service>>): Record<string, number> {
  const taken = new Set<number>();
  const ports: Record<string, number> = {};
  for (const service of Object.keys(services).sort()) {
    if (services[service]?.health?.kind !== "http") continue;
    let place = createHash("sha256").update(service).digest().readUInt8(0);
    while (taken.has(place)) place = (place + 1) % INTERNAL_PORTS.count;
    taken.add(place);
    ports[service] = INTERNAL_PORTS.first + place;
  }
  return ports;
}

/**
 * Where the rest of an environment reaches one of its services: through the proxy, so that a release loses no internal
 * call either, or directly where the service does not answer HTTP as far as is known.
 */
export function addressOf(environment: string, { service, port }: spec.ResolvedLink, internalPort?: number): string {
  if (internalPort === undefined) return `http://${service}:${port}`;
  return `http://${environment}.slipway.internal:${internalPort}`;
}
