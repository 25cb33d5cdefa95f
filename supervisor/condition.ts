import type { ListedContainer } from "./engine.ts";
import { labels, nameOf } from "./labels.ts";
import type { ProxyView } from "./servers-state.ts";

/** How a container fares, by the word of whoever checks it. */
export type Condition =
  | { kind: "well" }
  /** It runs and does not answer its checks. */
  | { kind: "sick"; why: string; checkedBy: "proxy" | "engine" }
  /** It does not run: the restart policy's business, or somebody's wish. */
  | { kind: "down" }
  /** Nobody checks it, or it is being released or drained. */
  | { kind: "unknown" };

/** A service's container, as one look shows it. */
export interface Observation {
  id: string;
  container: string;
  environment: string;
  service: string;
  /** Services of the same environment that this one calls. */
  links: readonly string[];
  condition: Condition;
}

/** Brings together what engine and proxy say of a container. */
export function observe(container: ListedContainer, proxy: ProxyView | undefined): Observation {
  const { Id: id, Labels } = container;
  const environment = Labels[labels.environment] ?? "";
  const service = Labels[labels.service] ?? "";
  return {
    id,
    container: nameOf(container),
    environment,
    service,
    links: (Labels[labels.links] ?? "").split(",").filter((name) => name !== ""),
    condition: conditionOf(container, `${environment}.${service}`, proxy),
  };
}

function conditionOf(container: ListedContainer, backend: string, proxy: ProxyView | undefined): Condition {
  if (container.State !== "running") return { kind: "down" };
  // Without the proxy's word nothing tells a container that hangs from one that a release is still busy with.
  if (proxy === undefined) return { kind: "unknown" };
  const ready = proxy.ready.filter((server) => server.container === nameOf(container));
  if (proxy.backends.has(backend) && ready.length === 0) return { kind: "unknown" };
  if (ready.some(({ up }) => !up)) {
    return { kind: "sick", why: "it does not pass the proxy's check", checkedBy: "proxy" };
  }
  const health = /\((healthy|unhealthy)\)$/.exec(container.Status)?.[1];
  if (health === "unhealthy") return { kind: "sick", why: "its own health check fails", checkedBy: "engine" };
  return ready.length > 0 || health === "healthy" ? { kind: "well" } : { kind: "unknown" };
}
