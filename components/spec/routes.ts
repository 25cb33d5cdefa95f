import type { Route } from "./service.ts";

/** Reads a route of a stack file: `"website/api"`, `"@"` for the domain itself, or a full host, which has a dot. */
export function parseRoute(route: string, domain: string): Pick<Route, "host" | "path"> {
  const slash = route.indexOf("/");
  const host = slash === -1 ? route : route.slice(0, slash);
  const path = slash === -1 ? "/" : route.slice(slash);
  if (host === "@") return { host: domain, path };
  return { host: host.includes(".") ? host : `${host}.${domain}`, path };
}
