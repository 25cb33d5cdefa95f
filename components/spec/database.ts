import type { Backup } from "./backup.ts";
import type { Clone, Seed } from "./data.ts";
import type { DatabaseRights } from "./database-input.ts";
import type { Secret } from "./secret.ts";

/** Kinds of database servers. */
export type DatabaseEngine = "postgres" | "mariadb";

/** A checked database server with every default filled in; {@link DatabaseInput} tells units and ranges. */
export interface Database {
  readonly engine: DatabaseEngine;
  /** Undefined for that of the image in images.json. */
  readonly version: string | undefined;
  readonly replicas: number;
  readonly synchronous: boolean;
  readonly memoryMb: number;
  readonly cpus: number;
  /** By name, names sorted. */
  readonly settings: Readonly<Record<string, string>>;
  readonly readySeconds: number;
  /** Undefined for none. */
  readonly backup: Backup | undefined;
  /** What it begins with, paths absolute; undefined for nothing. */
  readonly data: Seed | Clone | undefined;
  /** Databases on it: the one of its own name, and those that programs name. Sorted. */
  readonly databases: readonly string[];
}

/** A program's database. */
export interface DatabaseAccess {
  /** One of the environment's database servers. */
  readonly server: string;
  /** Database on that server. */
  readonly database: string;
  readonly rights: DatabaseRights;
  /** Password of the program's own login. */
  readonly password: Secret;
}
