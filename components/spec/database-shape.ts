import { z } from "zod";
import { backupShape } from "./backup-shape.ts";
import type { DatabaseEngine } from "./database.ts";
import { dataShape } from "./data-shape.ts";
import { decimal, flag, integer, must, settings, text } from "./rules.ts";

/** What each engine is, beyond its name. */
export const DATABASE_ENGINES = {
  postgres: { versions: ["14", "15", "16", "17", "18"], leastMemoryMb: 128 },
  mariadb: { versions: ["10.11", "11.4", "11.8"], leastMemoryMb: 256 },
} as const satisfies Record<DatabaseEngine, { versions: readonly string[]; leastMemoryMb: number }>;

const ENGINE_NAMES = ["postgres", "mariadb", "mysql"] as const;
const ACCESS_RULE = 'be a database of this environment, such as "main" or "main/reports"';
const ACCESS = /^[^/]+(\/[^/]+)?$/;
const RIGHTS = ["owner", "write", "read"] as const;

const value = z.union(
  [
    z.string().refine((written) => !/[\r\n\0]/.test(written)),
    z.number(),
    z.boolean().transform((on) => (on ? "on" : "off")),
  ],
  must("be text of one line, a number, true or false"),
);

/** Shape of a database server: each setting by itself. How they go together is checked in database-relations.ts. */
export const databaseShape = settings("a database", {
  engine: z.enum(ENGINE_NAMES, must(`be one of ${ENGINE_NAMES.join(", ")}`)),
  version: z.string(must('be text, such as "17"')).optional(),
  replicas: integer(0, 5).default(0),
  synchronous: flag().default(false),
  memoryMb: integer(128, 1_048_576, "MiB").default(512),
  cpus: decimal(0.01, 1024).default(1),
  settings: z
    .record(z.string(), value.transform(String), must("be an object of the server's settings by name"))
    .default({}),
  readySeconds: integer(1, 3600, "seconds").default(300),
  backup: backupShape.optional(),
  data: dataShape.optional(),
});

/** Shape of a program's database. */
export const accessToDatabaseShape = z.preprocess(
  (written) => (typeof written === "string" ? { at: written } : written),
  settings(
    "a program's database",
    {
      at: text((written) => ACCESS.test(written), ACCESS_RULE),
      rights: z.enum(RIGHTS, must(`be one of ${RIGHTS.join(", ")}`)).optional(),
    },
    `${ACCESS_RULE}, or an object such as { at: "main", rights: "read" }`,
  ),
);

/** The engine that a word of a stack file means. */
export function databaseEngine(word: (typeof ENGINE_NAMES)[number]): DatabaseEngine {
  return word === "mysql" ? "mariadb" : word;
}

/** Takes apart how a program's database is written: `main` is the database of that name on the server of that name. */
export function databasePlace(at: string): { server: string; database: string } {
  const [server = "", database = server] = at.split("/");
  return { server, database };
}
