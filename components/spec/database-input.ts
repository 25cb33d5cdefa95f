import type { BackupInput } from "./backup-input.ts";
import type { Clone, Seed } from "./data.ts";

/** A database server, as a stack file writes it. */
export interface DatabaseInput {
  /** `"mysql"` is another word for `"mariadb"`. A change is refused: data has to be dumped and restored. */
  engine: "postgres" | "mariadb" | "mysql";
  /**
   * Version of its image, such as `"17"` for postgres or `"11.4"` for mariadb. Data of another one has to be dumped and
   * restored. A change replaces the containers.
   * @default - that of the image in images.json
   */
  version?: string;
  /** Servers that follow the primary and answer reads. Integer, 0 to 5. @default 0 */
  replicas?: number;
  /**
   * True acknowledges a write once a replica has it as well, so that the loss of the primary loses none; while no replica
   * is there, writes wait. Needs `replicas`. @default false
   */
  synchronous?: boolean;
  /** Memory of each server, in MiB, which its caches and connections follow. Integer, 128 (mariadb: 256) to 1048576. A change replaces the containers. @default 512 */
  memoryMb?: number;
  /** Processor cores of each server. Number, 0.01 to 1024. A change replaces the containers. @default 1 */
  cpus?: number;
  /** Settings of the server by its own names, such as `{ work_mem: "8MB" }`. A change replaces the containers. @default {} */
  settings?: Readonly<Record<string, string | number | boolean>>;
  /** Time that a server gets to be ready, in seconds. Integer, 1 to 3600. @default 300 */
  readySeconds?: number;
  /** How it is backed up. @default - not at all */
  backup?: BackupInput;
  /**
   * What a new database begins with: `seed("db/seed.sql")`, or `clone("prod", { sanitize: "db/mask.sql" })`. One that has
   * content keeps it. @default - nothing
   */
  data?: Seed | Clone;
}

/** What a program may do in its database: change its schema, change rows, or read. */
export type DatabaseRights = "owner" | "write" | "read";

/** A program's database, as a stack file writes it. */
export interface DatabaseAccessInput {
  /** `"main"`, or `"main/reports"` for the database `reports` of the server `main`. A change replaces the containers. */
  at: string;
  /** What the program may do there. @default - "write" for a service, "owner" for a job */
  rights?: DatabaseRights;
}
