import { appendFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import pg from "pg";
import type { Dump, Engine, Server, Throwaway } from "./engine.ts";
import type { Table } from "./manifest.ts";
import { feed, run, start, wholeOutput } from "./processes.ts";

// What extensions bring is theirs to make again, and a table in parts has its rows in them.
const TABLES = `
  SELECT format('%I.%I', n.nspname, c.relname) AS name
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_depend d
                    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
  ORDER BY 1`;

// The text of a row depends on these alone.
const SPELLING =
  "SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET IntervalStyle = 'postgres'; SET bytea_output = 'hex'";

/** A throw-away server may lose what it has: that saves its proof the waiting for the disk. */
const THROWAWAY_SETTINGS = `
listen_addresses = ''
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
autovacuum = off
max_wal_size = 256MB
shared_buffers = 64MB
`;

/** PostgreSQL 14 and newer, by its own programs. */
export const postgres: Engine = {
  name: "postgres",
  dump,
  startThrowaway,
  load,
  tables: (server, database) => withClient(server, database, tablesOf),
};

async function dump(server: Server, database: string): Promise<Dump> {
  const tool = await run("pg_dump", ["--version"]);
  const client = await connect(server, database);
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const { snapshot, version } = await one(
      client,
      "SELECT pg_export_snapshot() AS snapshot, split_part(current_setting('server_version'), ' ', 1) AS version",
    );
    // Compressed here, for the sake of speed: pg_dump itself does it in the thread that reads.
    const options = ["--format=custom", "--compress=0", `--snapshot=${snapshot ?? ""}`];
    const content = wholeOutput(start("pg_dump", [...options, `--dbname=${database}`], variablesOf(server)));
    const tables = tablesOf(client);
    // A snapshot goes with the session that lends it: one that has little to count must not be gone before pg_dump has come.
    Promise.allSettled([tables, finished(content)])
      .then(() => client.end())
      .catch(() => undefined);
    return { version: version ?? "", tool, content, tables, position: undefined };
  } catch (error) {
    await client.end();
    throw error;
  }
}

async function startThrowaway(directory: string): Promise<Throwaway> {
  const data = join(directory, "data");
  await mkdir(data, { mode: 0o700 });
  const options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"];
  await run("initdb", [`--pgdata=${data}`, ...options]);
  await appendFile(join(data, "postgresql.conf"), `${THROWAWAY_SETTINGS}unix_socket_directories = '${directory}'\n`);
  return startServer(data, directory);
}

/** Starts a server on data that is there, with its socket in a directory, and waits until it takes connections. */
export async function startServer(data: string, directory: string): Promise<Throwaway> {
  const log = join(directory, "server.log");
  const control = (...args: string[]) => run("pg_ctl", [`--pgdata=${data}`, "--silent", "--timeout=3600", ...args]);
  await control("start", `--log=${log}`);
  return {
    server: { socket: directory },
    stop: async () => {
      await control("stop", "--mode=immediate");
    },
  };
}

async function load(server: Server, database: string, content: Readable): Promise<void> {
  await withClient(server, "postgres", (client) =>
    client.query(`CREATE DATABASE ${pg.escapeIdentifier(database)} TEMPLATE template0`),
  );
  // Roles are the server's, not the backup's.
  const options = ["--exit-on-error", "--no-owner", "--no-privileges", `--dbname=${database}`];
  await feed(start("pg_restore", options, variablesOf(server)), content);
}

async function tablesOf(client: pg.Client): Promise<Table[]> {
  await client.query(SPELLING);
  const { rows: found } = await client.query<{ name: string }>(TABLES);
  const tables: Table[] = [];
  for (const { name } of found) {
    const { rows, checksum } = await one(
      client,
      `SELECT count(*) AS rows, coalesce(sum(hashtextextended((t.*)::text, 0)), 0) AS checksum FROM ONLY ${name} t`,
    );
    tables.push({ name, rows: Number(rows), checksum: checksum ?? "" });
  }
  return tables;
}

/** Runs something with a connection, and closes it. */
export async function withClient<T>(server: Server, database: string, work: (it: pg.Client) => Promise<T>): Promise<T> {
  const client = await connect(server, database);
  return work(client).finally(() => client.end());
}

async function connect(server: Server, database: string): Promise<pg.Client> {
  const address = "socket" in server ? { host: server.socket, user: "postgres" } : server;
  const client = new pg.Client({ ...address, database, application_name: "slipway-backup" });
  // A query in flight is told; without a listener a lost connection would end the program instead.
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

async function one(client: pg.Client, query: string): Promise<Record<string, string | undefined>> {
  const { rows } = await client.query<Record<string, string>>(query);
  return rows[0] ?? {};
}

/** What tells the server's own programs how it is reached. */
export function variablesOf(server: Server): Record<string, string> {
  if ("socket" in server) return { PGHOST: server.socket, PGUSER: "postgres" };
  return { PGHOST: server.host, PGPORT: String(server.port), PGUSER: server.user, PGPASSWORD: server.password };
}
