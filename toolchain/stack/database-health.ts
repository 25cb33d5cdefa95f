import type Docker from "dockerode";
import { dialectOf } from "../../provider/database/dialects.ts";
import { Node } from "../../provider/database/node.ts";
import type { RecordedDatabase } from "./releases.ts";

/** What one server of a database does now. */
export interface NodeHealth {
  /** Address within the environment: `main-1`. */
  node: string;
  /** What it does; undefined when it does not answer. */
  role: "primary" | "replica" | undefined;
  /** Docker's word: `running`, `restarting`, `exited`, …; `gone` when there is no such container. */
  state: string;
  restarts: number;
  /** What a replica has not applied yet, in bytes of the primary's log; null where the engine counts none. */
  lagBytes: number | null;
  /** Time that a replica is behind, in seconds; null for a primary, and while it does not follow. */
  lagSeconds: number | null;
  /** True when it does what it is declared to. */
  works: boolean;
}

/** What a database does now. */
export interface DatabaseHealth {
  database: string;
  engine: RecordedDatabase["engine"];
  nodes: NodeHealth[];
}

/** Looks at every server of each database, and at how far its replicas are. */
export function databaseHealthOf(docker: Docker, databases: readonly RecordedDatabase[]): Promise<DatabaseHealth[]> {
  return Promise.all(databases.map((database) => look(docker, database)));
}

async function look(docker: Docker, { database, engine, primary, nodes: recorded }: RecordedDatabase) {
  const dialect = dialectOf(engine);
  const nodes = await Promise.all(
    recorded.map(async (each) => {
      const node = new Node(docker, { ...each, database }, dialect);
      return { node, role: await dialect.roleOf(node.container), info: await node.inspect() };
    }),
  );
  const primaries = nodes.filter(({ role }) => role === "primary").map(({ node }) => node);
  // A promotion is seen before the next deploy records it.
  const writer = primaries.find(({ number }) => number === primary) ?? primaries[0];
  const followers = nodes.filter(({ node }) => node !== writer).map(({ node }) => node);
  const replicas = writer ? await dialect.replicas(writer.container, followers.map(toReplica)).catch(() => []) : [];
  const healths = nodes.map(({ node, role, info }): NodeHealth => {
    const replica = replicas.find((each) => each.node === node.number);
    return {
      ...{ node: node.name, role, state: info?.State.Status ?? "gone", restarts: info?.RestartCount ?? 0 },
      lagBytes: replica?.lagBytes ?? null,
      lagSeconds: replica?.lagSeconds ?? null,
      works: node === writer || (role === "replica" && replica?.follows === true),
    };
  });
  return { database, engine, nodes: healths };
}

function toReplica({ number, container }: Node): { node: number; container: Docker.Container } {
  return { node: number, container };
}
