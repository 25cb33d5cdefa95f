import type Docker from "dockerode";
import type { DatabasePlan } from "./inputs.ts";

/** What a node is: the entry script of its container reads it from the volume. */
export type Role = "primary" | "replica" | "rebuild" | "fenced";

/** How far a replica is. */
export interface ReplicaState {
  node: number;
  /** True when it takes what the primary writes as it comes. */
  follows: boolean;
  /** What it has not applied yet, in bytes of the primary's log; undefined where the engine counts none. */
  lagBytes: number | undefined;
  /** Time that it is behind, in seconds; undefined while it does not follow. */
  lagSeconds: number | undefined;
  /** Why it cannot follow any more and has to be copied anew. */
  hopeless: string | undefined;
}

/** What a replica has of the primary's log. */
export interface Received {
  /** Grows with the log. */
  position: bigint;
  /** When the last transaction that it has was made, in ISO 8601; undefined where the engine does not say. */
  lastWrite: string | undefined;
}

/** What a server has of what it is to have. */
export interface Survey {
  /** Names that programs can sign in with. */
  logins: readonly string[];
  /** By database, what tells its data from other data of the same name; empty where nothing has said so yet. */
  data: ReadonlyMap<string, string>;
}

/** Reads what a server answers: a row for each login and each database, with the word first, the name, and its data. */
export function surveyOf(rows: readonly (readonly string[])[]): Survey {
  const of = (kind: string) => rows.filter(([word]) => word === kind);
  return {
    logins: of("login").map(([, name = ""]) => name),
    data: new Map(of("database").map(([, name = "", data = ""]) => [name, data])),
  };
}

/** What PostgreSQL and MariaDB say and do in their own ways. */
export interface Dialect {
  /** Where a node's volume is mounted. */
  readonly volume: string;
  /** Port that it listens on. */
  readonly port: number;
  /** File from which a replica's entry script signs in to the primary, below the control directory. */
  credentials: (password: string) => { name: string; content: string };
  /** What a node does now; undefined while it answers nothing. */
  roleOf: (node: Docker.Container) => Promise<"primary" | "replica" | undefined>;
  /** Makes databases, roles, logins and grants as they have to be. */
  provision: (primary: Docker.Container, plan: DatabasePlan) => Promise<void>;
  /** Looks what there is, in one go. */
  survey: (primary: Docker.Container) => Promise<Survey>;
  /** Ends logins and their connections. */
  dropLogins: (primary: Docker.Container, names: readonly string[], plan: DatabasePlan) => Promise<void>;
  /** Keeps the log for those replicas and no others. @returns those that it had not been kept for. */
  keepLogFor: (primary: Docker.Container, replicas: readonly number[]) => Promise<number[]>;
  /** Has a running replica follow the primary. */
  follow: (replica: Docker.Container, plan: DatabasePlan) => Promise<void>;
  /** How far the replicas are; one that is not heard of is left out. */
  replicas: (
    primary: Docker.Container,
    nodes: readonly { node: number; container: Docker.Container }[],
  ) => Promise<ReplicaState[]>;
  /** Whether an acknowledgement waits until a replica has the write. */
  isWaiting: (primary: Docker.Container) => Promise<boolean>;
  /** Waits with an acknowledgement until one of these replicas has the write; with none of them, does not wait. */
  waitFor: (primary: Docker.Container, replicas: readonly number[]) => Promise<void>;
  /** How much of the primary's log a replica has received, to be compared with others', and what it took last. */
  received: (replica: Docker.Container) => Promise<Received>;
  /**
   * Has a primary that still runs take no more writes and waits until the replica has all that it took.
   *
   * @returns false where the replica does not get there.
   */
  handOver: (primary: Docker.Container, replica: Docker.Container) => Promise<boolean>;
  /** Makes a replica the primary, once it has applied what it has received. */
  promote: (replica: Docker.Container) => Promise<void>;
}
