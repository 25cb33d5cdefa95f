import { z } from "zod";

/** A DNS label: what namespaces, environments and services are called. */
export const label = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    "must be a DNS label: up to 63 lower-case letters, digits and inner hyphens",
  );

/** The name of a container, network or volume, as Docker accepts it. */
export const dockerName = z
  .string()
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/, "must be a Docker name: letters, digits, '_', '.' and '-'");

/** Where requests come in: `host` or `host/path`, lower-case host, without wildcard or trailing slash; a port stands for itself. */
export const hostPath = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?(\/[A-Za-z0-9._~!$&'()*+,=:@%-]+)*$/,
    'must be "host" or "host/path", the host in lower case, with or without a port, without a trailing slash',
  );

/** What everything that Slipway makes on an engine is labelled with. */
export const labels = {
  namespace: "slipway.namespace",
  environment: "slipway.environment",
  service: "slipway.service",
  role: "slipway.role",
  job: "slipway.job",
  version: "slipway.version",
  /** On a job's container: when it runs, in five fields of cron. */
  schedule: "slipway.schedule",
  /** On a job's container: IANA time zone that its schedule means. */
  timeZone: "slipway.timeZone",
  /** On a job's container: time that a run of it may take. */
  timeoutSeconds: "slipway.timeoutSeconds",
  /** On a network: the namespace whose proxy is to be joined to it. */
  proxy: "slipway.proxy",
} as const;

/** Tells what neighbours use to reach a service from what clients do. */
export function isInternal(hostPath: string): boolean {
  return /^[^/:]+\.slipway\.internal:\d+$/.test(hostPath);
}

/** Name under which an environment's own containers reach the proxy; `.internal` never becomes public (ICANN, 2024). */
export function internalHost(environment: string): string {
  return `${environment}.slipway.internal`;
}
