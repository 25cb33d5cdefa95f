import { z } from "zod";

const table = z.object({
  /** With its schema where the engine has schemas. */
  name: z.string(),
  rows: z.number(),
  /** Of the rows' content, whatever their order. */
  checksum: z.string(),
});

/** What is known of a backup; a file beside it that is written last, so that a backup without one is none. */
export const manifestShape = z.object({
  /** When it was begun, `20261122T030000Z`; sorts by age. */
  id: z.string(),
  /** What its content is: a dump of one database, or all files of a server, from which WAL leads on. */
  kind: z.enum(["dump", "base"]),
  engine: z.enum(["postgres", "mariadb"]),
  /** Version of the server that it was taken from, such as `15.18` or `10.11.19`. */
  version: z.string(),
  database: z.string(),
  /** When it was begun and how long it took: ISO 8601, seconds. */
  begun: z.string(),
  seconds: z.number(),
  file: z.string(),
  /** Bytes of the file, and of what it holds. */
  size: z.number(),
  contentSize: z.number(),
  /** Of the file, in hexadecimal digits. */
  sha256: z.string(),
  encrypted: z.boolean(),
  /** What a replica would go on from, where the engine tells it. */
  position: z.string().optional(),
  /** The server's own identifier, by which its WAL is told from that of another. */
  system: z.string().optional(),
  /** From the same snapshot as the content. */
  tables: z.array(table),
  /** Version of the program that made the content. */
  tool: z.string(),
});

/** What is known of a backup. */
export type Manifest = z.infer<typeof manifestShape>;

/** A table's rows, counted and summed up. */
export type Table = z.infer<typeof table>;

/** How much there is, in words. */
export function amountOf(rows: number, tables: number): string {
  return `${rows} ${rows === 1 ? "row" : "rows"} in ${tables} ${tables === 1 ? "table" : "tables"}`;
}

/** Whether a backup could be restored, as its last proof saw it; a file beside it. */
export const proofShape = z.object({
  /** When: ISO 8601. */
  at: z.string(),
  seconds: z.number(),
  ok: z.boolean(),
  tables: z.number(),
  rows: z.number(),
  /** Why not. */
  fault: z.string().optional(),
});

/** Whether a backup could be restored. */
export type Proof = z.infer<typeof proofShape>;

/** A backup with what its last proof has shown; undefined before there was one. */
export const backupShape = manifestShape.extend({ proof: proofShape.optional() });

/** A backup, as `list` tells it. */
export type Backup = z.infer<typeof backupShape>;

/** Names a backup by the time at which it was begun. */
export function idAt(time: Date): string {
  return time.toISOString().replace(/\.\d+/, "").replaceAll(/[-:]/g, "");
}

/** Names two tables' difference for people; undefined where there is none. */
export function differenceOf(expected: readonly Table[], found: readonly Table[]): string | undefined {
  const there = new Map(found.map((each) => [each.name, each]));
  const differences = expected.flatMap(({ name, rows, checksum }) => {
    const same = there.get(name);
    there.delete(name);
    if (!same) return [`${name} is missing`];
    if (same.rows !== rows) return [`${name} has ${same.rows} rows, ${rows} were backed up`];
    return same.checksum === checksum ? [] : [`${name} has other content than what was backed up`];
  });
  const additional = [...there.keys()].map((name) => `${name} was not backed up`);
  const all = [...differences, ...additional];
  return all.length === 0 ? undefined : all.join("; ");
}
