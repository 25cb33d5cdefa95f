import type { Readable } from "node:stream";
import type { Manifest, Table } from "./manifest.ts";

/** How a server is reached: over the network with a password, or over its socket without. */
export type Server = { host: string; port: number; user: string; password: string } | { socket: string };

/** A dump on its way. */
export interface Dump {
  /** Version of the server. */
  version: string;
  /** Version of the program that dumps. */
  tool: string;
  /** Fails when the dumping program does. */
  content: Readable;
  /** What the same snapshot holds; known some time after the content has begun to flow. */
  tables: Promise<Table[]>;
  /** Identifier of the server, where its WAL is kept. */
  system?: string | undefined;
  /** What a replica would go on from, where the engine tells it. */
  position: string | undefined;
}

/** A server that is there for one proof and nobody else. */
export interface Throwaway {
  server: Server;
  /** Ends it; what it held goes with its directory. */
  stop: () => Promise<void>;
}

/** What is done differently with each kind of database server. */
export interface Engine {
  readonly name: Manifest["engine"];
  /** Dumps a database as it is at one moment, while others write to it. */
  dump: (server: Server, database: string) => Promise<Dump>;
  /** Starts an empty server with its data in a directory that is there. */
  startThrowaway: (directory: string) => Promise<Throwaway>;
  /** Makes a database and fills it from a dump's content. @throws {Error} when any of it cannot be taken. */
  load: (server: Server, database: string, content: Readable) => Promise<void>;
  /** Counts and sums up what a database holds. */
  tables: (server: Server, database: string) => Promise<Table[]>;
}
