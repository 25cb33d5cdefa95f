import type * as spec from "../../spec/index.ts";

/** Passwords of the two roles that a server has for itself. */
export function ownPasswords(server: string): { replication: spec.Secret; backup: spec.Secret } {
  const own = (role: string): spec.Secret => ({ kind: "secret", name: `${server}.${role}`, from: "generator" });
  return { replication: own("slipway_replication"), backup: own("slipway_backup") };
}
