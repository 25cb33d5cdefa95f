import { Readable } from "node:stream";
import type Docker from "dockerode";
import { newDataSql } from "../database/mariadb-sql.ts";
import { exec, execWithInput } from "../engine/exec.ts";
import { feed } from "./feed.ts";
import { replacedName } from "./restorer.ts";
import type { Restorer } from "./restorer.ts";

const SOCKET = ["--no-defaults", "--socket=/run/mysqld/mysqld.sock", "--default-character-set=utf8mb4"];
const CLIENT = ["mariadb", ...SOCKET, "--max-allowed-packet=1G", "--batch", "--skip-column-names"];

/** MariaDB, by `mariadb` and `mariadb-dump` on its socket. */
export const mariadb: Restorer = {
  version: async (primary) => ((await query(primary, "SELECT VERSION();"))[0] ?? "").split("-")[0] ?? "",
  isEmpty: async (primary, database) => (await namesOf(primary, database, "TABLES")).length === 0,
  async create(primary, _database, fresh) {
    await query(primary, `DROP DATABASE IF EXISTS \`${fresh}\`; CREATE DATABASE \`${fresh}\` CHARACTER SET utf8mb4;`);
  },
  load: (primary, _database, fresh, dump) => feed(primary, [...CLIENT, fresh], dump),
  execute: (primary, _database, fresh, sql) => feed(primary, [...CLIENT, fresh], sql),
  async swap(primary, database, fresh) {
    const replaced = replacedName(database);
    const [old, views, tables] = await Promise.all([
      baseTables(primary, database),
      namesOf(primary, fresh, "VIEWS"),
      baseTables(primary, fresh),
    ]);
    // Tables can move from one database to another; what refers to them is made anew there.
    const definitions = (await definitionsOf(primary, fresh, views)).replaceAll(`\`${fresh}\`.`, "");
    for (const each of [fresh, database]) await query(primary, await dropping(primary, each));
    await query(
      primary,
      `DROP DATABASE IF EXISTS \`${replaced}\`; CREATE DATABASE \`${replaced}\` CHARACTER SET utf8mb4;`,
    );
    const moves = [
      ...old.map((table) => `${full(database, table)} TO ${full(replaced, table)}`),
      ...tables.map((table) => `${full(fresh, table)} TO ${full(database, table)}`),
    ];
    if (moves.length > 0) await query(primary, `RENAME TABLE ${moves.join(", ")};`);
    await feed(primary, [...CLIENT, database], Readable.from([Buffer.from(definitions)]));
    await query(primary, `DROP DATABASE \`${fresh}\`;`);
  },
  async renew(primary, database) {
    await query(primary, newDataSql(database));
  },
  async drop(primary, fresh) {
    await query(primary, `DROP DATABASE IF EXISTS \`${fresh}\`;`);
  },
};

/** Statements that make a database's views, triggers, routines and events. */
async function definitionsOf(primary: Docker.Container, database: string, views: readonly string[]): Promise<string> {
  const dump = ["mariadb-dump", ...SOCKET, "--no-data", "--skip-lock-tables"];
  const programs = await succeed(primary, [
    ...dump,
    "--no-create-info",
    "--routines",
    "--events",
    "--triggers",
    database,
  ]);
  if (views.length === 0) return programs;
  return `${programs}\n${await succeed(primary, [...dump, "--skip-triggers", database, ...views])}`;
}

/** Statements that remove them. */
async function dropping(primary: Docker.Container, database: string): Promise<string> {
  const [views, triggers, events, routines] = await Promise.all([
    namesOf(primary, database, "VIEWS"),
    query(primary, `SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = '${database}';`),
    query(primary, `SELECT EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = '${database}';`),
    query(
      primary,
      `SELECT CONCAT(ROUTINE_TYPE, ' ', QUOTE(ROUTINE_NAME)) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = '${database}';`,
    ),
  ]);
  return [
    ...views.map((name) => `DROP VIEW ${full(database, name)};`),
    ...triggers.map((name) => `DROP TRIGGER ${full(database, name)};`),
    ...events.map((name) => `DROP EVENT ${full(database, name)};`),
    ...routines.map((found) => {
      const blank = found.indexOf(" ");
      const [kind, name] = [found.slice(0, blank), found.slice(blank + 2, -1)];
      return `DROP ${kind} ${full(database, name)};`;
    }),
  ].join("\n");
}

function baseTables(primary: Docker.Container, database: string): Promise<string[]> {
  return query(
    primary,
    `SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = '${database}' AND TABLE_TYPE IN ('BASE TABLE', 'SEQUENCE');`,
  );
}

function namesOf(primary: Docker.Container, database: string, what: "TABLES" | "VIEWS"): Promise<string[]> {
  return query(primary, `SELECT TABLE_NAME FROM information_schema.${what} WHERE TABLE_SCHEMA = '${database}';`);
}

function full(database: string, name: string): string {
  return `\`${database}\`.\`${name.replaceAll("`", "``")}\``;
}

/** Runs statements as the superuser; one text for each line of the answer. @throws {Error} with what the client says. */
async function query(primary: Docker.Container, sql: string): Promise<string[]> {
  const { code, stdout, stderr } = await execWithInput(primary, CLIENT, sql);
  if (code !== 0) throw new Error(`mariadb: ${stderr.trim()}`);
  return stdout.split("\n").filter((line) => line !== "");
}

async function succeed(primary: Docker.Container, command: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await exec(primary, command);
  if (code !== 0) throw new Error(`${command[0] ?? ""}: ${stderr.trim()}`);
  return stdout;
}
