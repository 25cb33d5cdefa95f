import type { ListedContainer } from "./engine.ts";

/** What Slipway's containers are labelled with, as far as it matters here. */
export const labels = {
  namespace: "slipway.namespace",
  environment: "slipway.environment",
  service: "slipway.service",
  role: "slipway.role",
  /** Services that this one calls, separated by commas. */
  links: "slipway.links",
  job: "slipway.job",
  schedule: "slipway.schedule",
  timeZone: "slipway.timeZone",
  timeoutSeconds: "slipway.timeoutSeconds",
  /** `true` makes up for a run that was missed. */
  catchUp: "slipway.catchUp",
} as const;

/** The containers of a role, by what their labels say. */
export function withRole(containers: readonly ListedContainer[], role: "app" | "job" | "proxy"): ListedContainer[] {
  return containers.filter(({ Labels }) => Labels[labels.role] === role);
}

/** A container's name, by which the proxy and people know it. */
export function nameOf({ Names: [name = ""] }: ListedContainer): string {
  return name.replace(/^\//, "");
}
