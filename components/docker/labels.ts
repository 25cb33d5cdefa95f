import type * as docker from "@pulumi/docker";

/** Whose an object on the engine is; written on it as labels, so that it can be found and led back. */
export interface Owner {
  /** First word of all that this installation owns on the engine; several installations can share one engine. */
  namespace: string;
  /** Environment, or `platform` for what environments share. */
  environment: string;
}

/** What an object is for, beyond whose it is. */
export interface Purpose {
  /** Service that a container belongs to. */
  service?: string;
  /** What a container does: `app` serves a service, the others belong to the platform. */
  role?: "app" | "backup" | "database" | "job" | "proxy" | "registry" | "supervisor";
  /** Version of the service, as the list of releases names it. */
  version?: string;
  /** Services of the same environment that this one calls; when they hang, they are restarted first. */
  links?: readonly string[];
}

/** Labels of an object, in the form and order that keep a second `up` without changes. */
export function labelsFor(owner: Owner, purpose: Purpose = {}): docker.types.input.ContainerLabel[] {
  return toLabels({
    "slipway.namespace": owner.namespace,
    "slipway.environment": owner.environment,
    "slipway.service": purpose.service,
    "slipway.role": purpose.role,
    "slipway.version": purpose.version,
    "slipway.links": purpose.links?.length ? [...new Set(purpose.links)].sort().join(",") : undefined,
  });
}

/** Turns a map into labels sorted by name; what is undefined is left out. */
export function toLabels(labels: Record<string, string | undefined>): { label: string; value: string }[] {
  return Object.entries(labels)
    .flatMap(([label, value]) => (value === undefined ? [] : [{ label, value }]))
    .sort((a, b) => (a.label < b.label ? -1 : 1));
}
