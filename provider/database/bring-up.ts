import { connect } from "../engine/engine.ts";
import { limitProcesses } from "../engine/limit.ts";
import type { ResourceContext } from "../plugin/resource.ts";
import { giveNames } from "./aliases.ts";
import { dialectOf } from "./dialects.ts";
import type { Dialect } from "./dialect.ts";
import type { DatabasePlan, DatabaseRecord } from "./inputs.ts";
import { Node } from "./node.ts";
import { refuseLostPrimary, roleFor } from "./roles.ts";
import { dataAmong } from "./survey.ts";
import { until } from "./wait.ts";

/**
 * Makes a database as it has to be: its primary answers and has databases, roles and logins, its replicas follow, and
 * each is called by its names. What is so already stays as it is.
 *
 * @param dropped logins that are no longer wanted.
 */
export async function bringUp(
  plan: DatabasePlan,
  dropped: readonly string[],
  context: ResourceContext,
): Promise<DatabaseRecord> {
  const docker = await connect(context);
  const dialect = dialectOf(plan.engine);
  const nodes = plan.nodes.map((node) => new Node(docker, { ...node, database: plan.database }, dialect));
  const primary = nodes.find(({ number }) => number === plan.primary);
  if (!primary) throw new TypeError("the primary is none of the nodes");
  const replicas = nodes.filter((node) => node !== primary);
  await refuseLostPrimary(plan, primary, replicas);

  await bringUpPrimary(plan, primary, dialect, context);
  const { database, network, synchronous } = plan;
  const names = { database, network, primary };
  // Replicas find the primary by its name.
  await giveNames(docker, { ...names, replicas: [], others: replicas });
  const rest = { dialect, primary, replicas };
  const awaited = synchronous ? replicas.map(({ number }) => number) : [];
  if (awaited.length === 0) await dialect.waitFor(primary.container, []);
  // Statements of ours would wait for a replica as well.
  const isStuck = (await dialect.isWaiting(primary.container)) && !(await hasFollower(rest));
  if (isStuck) await bringUpReplicas(plan, rest, context);
  await dialect.provision(primary.container, plan);
  await dialect.dropLogins(primary.container, dropped, plan);
  if (!isStuck) await bringUpReplicas(plan, rest, context);
  if (awaited.length > 0) await dialect.waitFor(primary.container, awaited);
  await giveNames(docker, { ...names, replicas, others: [] });
  // Last, when all of them run: one that ends at each start is told of by its own words.
  for (const { container } of nodes) await limitProcesses(container, plan.pidsLimit);
  return { ...plan, data: dataAmong(plan.databases, await dialect.survey(primary.container)) };
}

async function bringUpPrimary(
  plan: DatabasePlan,
  node: Node,
  dialect: Dialect,
  context: ResourceContext,
): Promise<void> {
  await node.assign("primary", dialect.credentials(plan.replicationPassword));
  await node.start();
  const wait = { node, place: placeOf(plan), goal: "answer", seconds: plan.readySeconds };
  await until(wait, async () => (await dialect.roleOf(node.container)) === "primary", context);
}

/** A database's servers and how they are spoken to. */
interface Servers {
  dialect: Dialect;
  primary: Node;
  replicas: readonly Node[];
}

async function hasFollower({ dialect, primary, replicas }: Servers): Promise<boolean> {
  const nodes = replicas.map(({ number, container }) => ({ node: number, container }));
  return (await dialect.replicas(primary.container, nodes)).some(({ follows }) => follows);
}

async function bringUpReplicas(
  plan: DatabasePlan,
  { dialect, primary, replicas }: Servers,
  context: ResourceContext,
): Promise<void> {
  const numbers = replicas.map(({ number }) => number);
  const fresh = await dialect.keepLogFor(primary.container, numbers);
  const each = (node: Node) => ({ dialect, primary, isNew: fresh.includes(node.number) });
  await Promise.all(replicas.map((node) => bringUpReplica(plan, node, each(node), context)));
}

async function bringUpReplica(
  plan: DatabasePlan,
  node: Node,
  { dialect, primary, isNew }: { dialect: Dialect; primary: Node; isNew: boolean },
  context: ResourceContext,
): Promise<void> {
  const wait = { node, place: placeOf(plan), seconds: plan.readySeconds };
  const role = roleFor(await node.role(), { isNew });
  await node.assign(role, dialect.credentials(plan.replicationPassword));
  await (role === "rebuild" ? node.restart() : node.start());
  await until({ ...wait, goal: "answer" }, async () => (await dialect.roleOf(node.container)) === "replica", context);
  await dialect.follow(node.container, plan);
  const look = async () => {
    const [state] = await dialect.replicas(primary.container, [{ node: node.number, container: node.container }]);
    return state;
  };
  let isRebuilt = role === "rebuild";
  await until(
    { ...wait, goal: "follow the primary" },
    async () => {
      const state = await look();
      if (state?.hopeless === undefined || isRebuilt) return state?.follows === true;
      isRebuilt = true;
      context.info(`${node.name} is copied anew: ${state.hopeless}`);
      await node.assign("rebuild", dialect.credentials(plan.replicationPassword));
      await node.restart();
      await until(
        { ...wait, goal: "answer" },
        async () => (await dialect.roleOf(node.container)) === "replica",
        context,
      );
      await dialect.follow(node.container, plan);
      return false;
    },
    context,
  );
}

function placeOf({ database }: DatabasePlan): string {
  return `databases.${database}`;
}
