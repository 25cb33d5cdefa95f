import { join } from "node:path";
import { Transform } from "node:stream";
import type { Readable, TransformCallback } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { createConnection } from "mariadb";
import type { Connection } from "mariadb";
import { passOn } from "./codec.ts";
import type { Dump, Engine, Server, Throwaway } from "./engine.ts";
import type { Table } from "./manifest.ts";
import { feed, run, start, wholeOutput } from "./processes.ts";

const START_SECONDS = 120;
/** Between the values of a row, and instead of one that there is none of. */
const [SEPARATOR, NOTHING] = ["0x1f", "0x1e"];

const DUMP_OPTIONS = [
  ...["--single-transaction", "--quick", "--hex-blob", "--default-character-set=utf8mb4"],
  ...["--routines", "--events", "--triggers", "--no-tablespaces"],
];

/** MariaDB 10.5 and newer, by its own programs. */
export const mariadb: Engine = {
  name: "mariadb",
  dump,
  startThrowaway,
  load,
  tables: (server, database) => withConnection(server, (connection) => tablesOf(connection, database)),
};

async function dump(server: Server, database: string): Promise<Dump> {
  const tool = await run("mariadb-dump", ["--version"]);
  const connection = await connect(server);
  try {
    // MariaDB lends its snapshot to nobody, so this session and the dump begin theirs while nobody commits.
    await connection.query("BACKUP STAGE START");
    await connection.query("BACKUP STAGE BLOCK_COMMIT");
    const [about = {}] = await rowsOf(connection, "SELECT VERSION() AS version, @@gtid_binlog_pos AS position");
    const facts = await connect(server);
    await facts.query("SET time_zone = '+00:00'");
    await facts.query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
    await facts.query("START TRANSACTION WITH CONSISTENT SNAPSHOT");
    const begins = new Beginning();
    const program = start("mariadb-dump", [...DUMP_OPTIONS, ...argumentsOf(server), database], variablesOf(server));
    const content = passOn(wholeOutput(program), begins);
    const freed = begins.begun.then(() => connection.end());
    const tables = freed.then(() => tablesOf(facts, database)).finally(() => facts.end());
    tables.catch(() => undefined);
    const version = String(about.version).split("-")[0] ?? "";
    return { version, tool, content, tables, position: String(about.position) || undefined };
  } catch (error) {
    await connection.end();
    throw error;
  }
}

async function startThrowaway(directory: string): Promise<Throwaway> {
  const data = join(directory, "data");
  const socket = join(directory, "server.sock");
  const own = ["--no-defaults", `--datadir=${data}`];
  await run("mariadb-install-db", [
    ...own,
    "--auth-root-authentication-method=normal",
    "--skip-test-db",
    "--skip-name-resolve",
  ]);
  const options = [
    ...[
      "--skip-networking",
      `--socket=${socket}`,
      `--pid-file=${join(directory, "server.pid")}`,
      `--tmpdir=${directory}`,
    ],
    // It may lose what it has: that saves its proof the waiting for the disk.
    ...["--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0", "--skip-log-bin", "--max-allowed-packet=1G"],
    ...["--innodb-buffer-pool-size=128M", "--event-scheduler=OFF"],
  ];
  const program = start("mariadbd", [...own, ...options]);
  program.output.resume();
  program.input.end();
  const server = { socket };
  await Promise.race([
    ready(server),
    program.ended.then(() => Promise.reject(new Error("the throw-away server has ended"))),
  ]);
  return {
    server,
    stop: async () => {
      program.kill();
      await program.ended.catch(() => undefined);
    },
  };
}

async function ready(server: Server): Promise<void> {
  const until = Date.now() + START_SECONDS * 1000;
  for (;;) {
    const fault = await connect(server).then(
      (connection) => connection.end(),
      (error: unknown) => asError(error),
    );
    if (fault === undefined) return;
    if (Date.now() > until) throw fault;
    await sleep(100);
  }
}

async function load(server: Server, database: string, content: Readable): Promise<void> {
  await withConnection(server, (connection) => connection.query(`CREATE DATABASE ${quoted(database)}`));
  const options = ["--default-character-set=utf8mb4", "--max-allowed-packet=1G", ...argumentsOf(server), database];
  await feed(start("mariadb", options, variablesOf(server)), content);
}

async function tablesOf(connection: Connection, database: string): Promise<Table[]> {
  await connection.query("SET time_zone = '+00:00'");
  const columns = await rowsOf(
    connection,
    `SELECT c.TABLE_NAME AS name, c.COLUMN_NAME AS col FROM information_schema.COLUMNS c
     JOIN information_schema.TABLES t USING (TABLE_SCHEMA, TABLE_NAME)
     WHERE c.TABLE_SCHEMA = ? AND t.TABLE_TYPE = 'BASE TABLE' ORDER BY c.TABLE_NAME, c.ORDINAL_POSITION`,
    [database],
  );
  const tables: Table[] = [];
  for (const [name, own] of Map.groupBy(columns, (column) => String(column.name))) {
    const values = own.map(({ col }) => `IFNULL(${quoted(String(col))}, ${NOTHING})`).join(", ");
    const [sums = {}] = await rowsOf(
      connection,
      `SELECT COUNT(*) AS n, COALESCE(SUM(CRC32(CONCAT_WS(${SEPARATOR}, ${values}))), 0) AS checksum
       FROM ${quoted(database)}.${quoted(name)}`,
    );
    tables.push({ name, rows: Number(sums.n), checksum: String(sums.checksum) });
  }
  return tables;
}

async function withConnection<T>(server: Server, work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await connect(server);
  return work(connection).finally(() => connection.end());
}

async function connect(server: Server): Promise<Connection> {
  const address = "socket" in server ? { socketPath: server.socket, user: "root" } : server;
  const connection = await createConnection({ ...address, bigIntAsNumber: true, insertIdAsNumber: true });
  // A query in flight is told; without a listener a lost connection would end the program instead.
  connection.on("error", () => undefined);
  return connection;
}

async function rowsOf(connection: Connection, query: string, values?: unknown[]): Promise<Record<string, unknown>[]> {
  return connection.query<Record<string, unknown>[]>(query, values);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function quoted(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}

function argumentsOf(server: Server): string[] {
  return "socket" in server
    ? [`--socket=${server.socket}`, "--user=root"]
    : ["--protocol=tcp", `--host=${server.host}`, `--port=${server.port}`, `--user=${server.user}`];
}

function variablesOf(server: Server): Record<string, string> {
  return "socket" in server ? {} : { MYSQL_PWD: server.password };
}

/** Lets a dump through and tells when its transaction has begun: by then its head has come, or its end. */
class Beginning extends Transform {
  readonly begun: Promise<void>;
  private tell: (() => void) | undefined;
  private head = "";

  constructor() {
    super();
    this.begun = new Promise((resolve) => {
      this.tell = resolve;
    });
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (this.tell !== undefined) {
      this.head += chunk.toString("latin1");
      // What is dumped first comes after the snapshot was taken; what stands before it is a comment on the program.
      if (this.head.includes("\n-- Table structure")) this.now();
    }
    done(null, chunk);
  }

  override _flush(done: TransformCallback): void {
    this.now();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.now();
    done(error);
  }

  private now(): void {
    this.tell?.();
    this.tell = undefined;
  }
}
