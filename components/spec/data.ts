/** Statements that a new database begins with, made by {@link seed}. */
export interface Seed {
  readonly kind: "seed";
  /** File of SQL, relative to the project in a stack file, absolute once it is checked. */
  readonly file: string;
}

/** Another environment's data that a new database begins with, made by {@link clone}. */
export interface Clone {
  readonly kind: "clone";
  /** Stack of the same engine that backs up its database of the same name. */
  readonly stack: string;
  /** File of SQL that changes the copy before anybody sees it. */
  readonly sanitize?: string | undefined;
}

/**
 * Stands for a file of SQL, relative to the project, that a new database begins with. It runs as the database's owner and
 * counts as a whole or not at all. A database that has content keeps it, whatever becomes of the file.
 *
 * @example
 * databases: { main: { engine: "postgres", data: seed("db/seed.sql") } }
 */
export function seed(file: string): Seed {
  return { kind: "seed", file };
}

/**
 * Stands for the newest proven backup of another stack, which a new database of the same name begins with. No connection
 * is opened to that stack: its backups are read from where they are kept.
 *
 * @param options.sanitize file of SQL, relative to the project, that changes the copy before anybody sees it.
 *
 * @example
 * databases: { main: { engine: "postgres", data: clone("prod", { sanitize: "db/mask.sql" }) } }
 */
export function clone(stack: string, options: { sanitize?: string } = {}): Clone {
  return { kind: "clone", stack, sanitize: options.sanitize };
}
