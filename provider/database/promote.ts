import type Docker from "dockerode";
import { giveNames } from "./aliases.ts";
import { dialectOf } from "./dialects.ts";
import type { Dialect, Received } from "./dialect.ts";
import type { DatabasePlan } from "./inputs.ts";
import { Node } from "./node.ts";

/** A database of which a replica is to become the primary. */
export type Promoted = Pick<DatabasePlan, "database" | "engine" | "network" | "nodes" | "primary" | "synchronous">;

/** What a promotion did. */
export interface Promotion {
  /** Server that takes writes now. */
  to: number;
  /** Server that took them before, and does so no more. */
  from: number;
  /** Time from the stop of the old primary to the first write that the new one takes, in seconds. */
  seconds: number;
  /** Whether writes that were acknowledged can be missing. */
  canHaveLost: boolean;
  /** Why so, or why not. */
  why: string;
}

/** A replica that answers. */
interface Candidate extends Received {
  node: Node;
}

/**
 * Makes a replica the primary: stops the old one, sees to it that it never takes writes again, and gives the new one its
 * name.
 *
 * @param to number of the replica; undefined for the one that has received most.
 * @throws {Error} when no replica answers, or the one that is wanted has less than another.
 */
export async function promote(docker: Docker, plan: Promoted, to: number | undefined): Promise<Promotion> {
  const dialect = dialectOf(plan.engine);
  const nodes = plan.nodes.map((node) => new Node(docker, { ...node, database: plan.database }, dialect));
  const old = nodes.find(({ number }) => number === plan.primary);
  if (!old) throw new TypeError("the primary is none of the nodes");
  const followers = nodes.filter((node) => node !== old);
  const candidates = await candidatesOf(followers, dialect);
  const chosen = choose(candidates, to, plan.database);
  const isRunning = (await dialect.roleOf(old.container)) === "primary";

  const began = performance.now();
  const isComplete = isRunning && (await dialect.handOver(old.container, chosen.node.container));
  await old.stop();
  await fence(old);
  await chosen.node.assign("primary");
  await dialect.promote(chosen.node.container);
  const others = followers.filter((node) => node !== chosen.node);
  await dialect.keepLogFor(
    chosen.node.container,
    others.map(({ number }) => number),
  );
  // The next `up` has it wait again, once there is who to wait for.
  await dialect.waitFor(chosen.node.container, []);
  const { database, network } = plan;
  await giveNames(docker, { database, network, primary: chosen.node, replicas: [], others: [old, ...others] });
  const seconds = (performance.now() - began) / 1000;

  const hasAll = plan.synchronous && candidates.length === followers.length;
  return { to: chosen.node.number, from: old.number, seconds, ...lossOf({ isComplete, hasAll, chosen, old }) };
}

async function candidatesOf(followers: readonly Node[], dialect: Dialect): Promise<Candidate[]> {
  const found = followers.map(async (node): Promise<Candidate[]> => {
    if ((await dialect.roleOf(node.container)) !== "replica") return [];
    return [{ node, ...(await dialect.received(node.container)) }];
  });
  const candidates = (await Promise.all(found)).flat();
  return candidates.sort((a, b) =>
    a.position === b.position ? a.node.number - b.node.number : a.position > b.position ? -1 : 1,
  );
}

function choose(candidates: readonly Candidate[], to: number | undefined, database: string): Candidate {
  const [best] = candidates;
  if (!best) throw new Error(`databases.${database}: no replica answers, so none can become the primary`);
  if (to === undefined) return best;
  const wanted = candidates.find(({ node }) => node.number === to);
  if (!wanted) {
    const there = candidates.map(({ node }) => node.number).join(", ");
    throw new Error(`--to: must be a replica of ${database} that answers, got ${to}; there are: ${there}`);
  }
  if (wanted.position === best.position) return wanted;
  throw new Error(
    `--to: ${best.node.name} has received more than ${wanted.node.name}, which would be lost; promote that one`,
  );
}

/** Where its container is gone nothing runs, and the next `up` copies whatever its volume has anew. */
async function fence(old: Node): Promise<void> {
  if (await old.inspect()) await old.assign("fenced");
}

function lossOf({
  isComplete,
  hasAll,
  chosen,
  old,
}: {
  isComplete: boolean;
  hasAll: boolean;
  chosen: Candidate;
  old: Node;
}) {
  if (isComplete) return { canHaveLost: false, why: `${chosen.node.name} had all that ${old.name} took` };
  if (hasAll) return { canHaveLost: false, why: "a replica had each write before it was acknowledged" };
  const since = chosen.lastWrite === undefined ? "after the last that it had sent" : `after ${chosen.lastWrite}`;
  return { canHaveLost: true, why: `${old.name} could not be asked; what it took ${since} can be missing` };
}
