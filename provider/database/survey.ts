import type Docker from "dockerode";
import { isCalledRight } from "./aliases.ts";
import type { Survey } from "./dialect.ts";
import { dialectOf } from "./dialects.ts";
import type { DatabaseRecord } from "./inputs.ts";
import { Node } from "./node.ts";

/** What there really is of a database: its inputs without what is missing, and what tells its data from other data. */
export type Found = Pick<DatabaseRecord, "nodes" | "databases" | "logins" | "data">;

type Server = DatabaseRecord["nodes"][number];

/**
 * Looks what there is of a database. A server that does not run, does not answer, or is not called by its names counts as
 * missing. Where that is the primary, its databases and logins are taken from the record, and its data is not known, which
 * may be made anew.
 */
export async function findDatabase(docker: Docker, plan: DatabaseRecord): Promise<Found> {
  const looks = await Promise.all(plan.nodes.map((node) => lookAt(docker, plan, node)));
  const primary = looks.find(({ node, runs }) => runs && node.node === plan.primary);
  const survey =
    primary &&
    (await dialectOf(plan.engine)
      .survey(docker.getContainer(primary.node.container))
      .catch(() => undefined));
  const there = looks.filter(
    ({ node, isInPlace }) => isInPlace && (survey !== undefined || node.node !== plan.primary),
  );
  const nodes = there.map(({ node }) => node);
  const { databases, logins } = plan;
  if (!survey) return { nodes, databases, logins, data: undefined };
  return {
    nodes,
    databases: databases.filter((name) => survey.data.has(name)),
    logins: logins.filter(({ name }) => survey.logins.includes(name)),
    data: dataAmong(databases, survey),
  };
}

/** What tells the data of some databases from other data; those that are not there are left out. */
export function dataAmong(databases: readonly string[], { data }: Survey): Record<string, string> {
  const known = databases.map((name) => [name, data.get(name) ?? ""] as const).filter(([, own]) => own !== "");
  return Object.fromEntries(known);
}

/** Words for what is missing, sorted as they are declared. */
export function missingFrom(plan: DatabaseRecord, found: Found): string[] {
  return [
    ...plan.nodes
      .filter(({ node }) => !found.nodes.some((each) => each.node === node))
      .map(({ node }) => `server ${plan.database}-${node}`),
    ...plan.databases.filter((name) => !found.databases.includes(name)).map((name) => `database ${name}`),
    ...plan.logins
      .filter(({ name }) => !found.logins.some((each) => each.name === name))
      .map(({ name }) => `login ${name}`),
  ];
}

async function lookAt(docker: Docker, { engine, database, network, primary }: DatabaseRecord, node: Server) {
  const info = await new Node(docker, { ...node, database }, dialectOf(engine)).inspect();
  const runs = info?.State.Running === true;
  return {
    node,
    runs,
    isInPlace: runs && isCalledRight(info, network, { database, isPrimary: node.node === primary }),
  };
}
