import type Docker from "dockerode";
import type { Readable } from "node:stream";

/** What is done differently with each kind of server to put a backup in the place of a database. */
export interface Restorer {
  /** Version of the server, such as `15.18` or `10.11.19`. */
  version: (primary: Docker.Container) => Promise<string>;
  /** True when there is nothing in the database yet. */
  isEmpty: (primary: Docker.Container, database: string) => Promise<boolean>;
  /** Makes an empty database beside another, in the place of an earlier one of that name. */
  create: (primary: Docker.Container, database: string, fresh: string) => Promise<void>;
  /** Fills it from a dump. @throws {Error} with what the server says, when any of it cannot be taken. */
  load: (primary: Docker.Container, database: string, fresh: string, dump: Readable) => Promise<void>;
  /** Runs statements in it, as its owner. @throws {Error} with what the server says. */
  execute: (primary: Docker.Container, database: string, fresh: string, sql: Readable) => Promise<void>;
  /** Puts it in the other's place, which stays beside under the name `…_replaced`. */
  swap: (primary: Docker.Container, database: string, fresh: string) => Promise<void>;
  /** Says that it has other data than before, so that the next refresh has migrations run on it. */
  renew: (primary: Docker.Container, database: string) => Promise<void>;
  /** Removes it. */
  drop: (primary: Docker.Container, fresh: string) => Promise<void>;
}

/** Name of the database that a restored one has replaced. */
export function replacedName(database: string): string {
  return `${database}_replaced`;
}

/** Name that a database has until it is whole. */
export function freshName(database: string): string {
  return `${database}_restore`;
}
