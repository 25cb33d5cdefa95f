import type * as pulumi from "@pulumi/pulumi";
import type { ReleaseInputs } from "../../provider/release.ts";
import type { Secrets } from "../secrets.ts";
import type * as spec from "../spec/index.ts";
import { authorizationHash } from "./basic-auth.ts";
import type { DeepInput } from "./slipway-resources.ts";

/** What requests have to fulfil, as a release takes it. */
export type RouteRules = DeepInput<NonNullable<ReleaseInputs["rules"]>>;

/** What requests have to fulfil on each of a service's routes; nothing at all where no route asks for anything. */
export function routeRules(routes: readonly spec.Route[], { accepted }: Pick<Secrets, "accepted">): RouteRules {
  const asks = ({ maxBodyMb, allow, users }: spec.Route) => maxBodyMb ?? allow ?? users;
  if (routes.every((route) => asks(route) === undefined)) return [];
  return routes.map(({ maxBodyMb, allow, users, ...route }) => ({
    at: hostPathOf(route),
    maxBodyMb,
    allow: allow && [...allow],
    users: users && hashes(users, accepted),
  }));
}

/** `host`, `host/path`, or either with a port after the host. */
export function hostPathOf({ host, port, path }: Pick<spec.Route, "host" | "port" | "path">): string {
  const authority = port === undefined ? host : `${host}:${port}`;
  return path === "/" ? authority : authority + path;
}

/** One hash for each password that counts. */
function hashes(
  users: Readonly<Record<string, spec.Secret>>,
  accepted: Secrets["accepted"],
): Record<string, pulumi.Output<string>[]> {
  const entries = Object.entries(users);
  return Object.fromEntries(
    entries.map(([user, secret]) => [user, accepted(secret).map((password) => authorizationHash(user, password))]),
  );
}
