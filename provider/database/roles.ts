import type { Role } from "./dialect.ts";
import type { DatabasePlan } from "./inputs.ts";
import type { Node } from "./node.ts";

/**
 * What a node that is to follow the primary has to do: one that was a primary itself is copied anew, since it may have
 * what the new primary lacks, and so is one for which the primary has kept no log.
 */
export function roleFor(role: Role | undefined, { isNew }: { isNew: boolean }): Role {
  if (role === undefined) return "replica";
  return role === "replica" && !isNew ? "replica" : "rebuild";
}

/**
 * An empty primary beside a replica with data would have that data copied over.
 *
 * @throws {Error} that says which one has the data and what to do.
 */
export async function refuseLostPrimary(plan: DatabasePlan, primary: Node, replicas: readonly Node[]): Promise<void> {
  const place = `databases.${plan.database}`;
  const role = await primary.role();
  if (role === "primary") return;
  const remedy = `npm run promote-replica -- -s ${plan.environment} ${plan.database}`;
  if (role !== undefined) {
    const made = role === "fenced" ? "was a primary before and is fenced" : "follows another one";
    throw new Error(
      `${place}: ${primary.name} is to be the primary (slipway:primaries), but it ${made}; ${remedy} makes one the primary`,
    );
  }
  for (const replica of replicas) {
    if ((await replica.role()) === undefined) continue;
    throw new Error(
      `${place}: ${primary.name} has lost its data, and ${replica.name} has a copy; ${remedy} takes that`,
    );
  }
}
