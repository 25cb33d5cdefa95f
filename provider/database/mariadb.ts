import type Docker from "dockerode";
import { exec, execWithInput } from "../engine/exec.ts";
import { surveyOf } from "./dialect.ts";
import type { Dialect, ReplicaState } from "./dialect.ts";
import type { Login } from "./inputs.ts";
import { SURVEY, dropLoginSql, loginSql, privilegesOf, serverSql } from "./mariadb-sql.ts";

/** The primary's log lacks what the replica needs (ER_MASTER_FATAL_ERROR_READING_BINLOG). */
const LOG_IS_GONE = "1236";

const HAND_OVER_SECONDS = 30;
const APPLY_SECONDS = 300;

/** How MariaDB is spoken to: `mariadb` on its socket, as the operating system's user. */
export const mariadb: Dialect = {
  volume: "/var/lib/mysql",
  port: 3306,
  credentials: (password) => ({
    name: "client.cnf",
    content: `[client]\nuser=slipway_replication\npassword=${password}\n`,
  }),
  async roleOf(node) {
    const answer = await query(node, "SELECT @@read_only;").catch(() => undefined);
    if (answer === undefined) return undefined;
    return answer[0]?.[0] === "1" ? "replica" : "primary";
  },
  async provision(primary, plan) {
    await query(primary, serverSql(plan));
    for (const login of plan.logins) {
      await query(primary, loginSql(login, { isRight: await hasItsRights(primary, login) }));
    }
  },
  survey: async (primary) => surveyOf(await query(primary, SURVEY)),
  async dropLogins(primary, names) {
    for (const name of names) await query(primary, dropLoginSql(name));
  },
  // The log is kept by age.
  keepLogFor: () => Promise.resolve([]),
  async follow(replica, { database, replicationPassword }) {
    const to = [
      `MASTER_HOST='${database}', MASTER_USER='slipway_replication', MASTER_PASSWORD='${replicationPassword}'`,
      "MASTER_USE_GTID=slave_pos, MASTER_CONNECT_RETRY=1, MASTER_HEARTBEAT_PERIOD=5",
    ].join(", ");
    await query(replica, `STOP SLAVE; CHANGE MASTER TO ${to}; START SLAVE;`);
  },
  async replicas(_primary, nodes) {
    const states = await Promise.all(nodes.map(async ({ node, container }) => stateOf(node, await status(container))));
    return states.flatMap((state) => state ?? []);
  },
  async isWaiting(primary) {
    const [row] = await query(primary, "SELECT @@rpl_semi_sync_master_enabled;");
    return row?.[0] === "1";
  },
  async waitFor(primary, replicas) {
    const value = replicas.length > 0 ? "ON" : "OFF";
    await query(primary, `SET GLOBAL rpl_semi_sync_master_enabled = ${value};`);
    // Its entry script sets it at the next start.
    await exec(primary, ["sh", "-c", `echo ${value} >/var/lib/mysql/slipway/semi-sync`]);
  },
  async received(replica) {
    return { position: sequenceOf((await status(replica))?.get("Gtid_IO_Pos")), lastWrite: undefined };
  },
  async handOver(primary, replica) {
    await query(primary, "SET GLOBAL read_only = ON;");
    const [row] = await query(primary, "SELECT @@gtid_binlog_pos;");
    const [waited] = await query(replica, `SELECT MASTER_GTID_WAIT('${row?.[0] ?? ""}', ${HAND_OVER_SECONDS});`);
    return waited?.[0] === "0";
  },
  async promote(replica) {
    const received = (await status(replica))?.get("Gtid_IO_Pos") ?? "";
    await query(replica, `STOP SLAVE IO_THREAD; SELECT MASTER_GTID_WAIT('${received}', ${APPLY_SECONDS});`);
    await query(replica, "STOP SLAVE; RESET SLAVE ALL; SET GLOBAL read_only = OFF;");
  },
};

/** Runs statements as the superuser; one row for each line of the answer. @throws {Error} with what the server says. */
async function query(node: Docker.Container, sql: string): Promise<string[][]> {
  return (await ask(node, sql, "--skip-column-names")).map((line) => line.split("\t"));
}

async function ask(node: Docker.Container, sql: string, ...more: string[]): Promise<string[]> {
  const options = ["--no-defaults", "--socket=/run/mysqld/mysqld.sock", "--batch", ...more];
  const { code, stdout, stderr } = await execWithInput(node, ["mariadb", ...options], sql);
  if (code !== 0) {
    // Beside its words it repeats the statement, which may have a password in it.
    const words = stderr.split("\n").filter((line) => line.startsWith("ERROR"));
    throw new Error(`mariadb: ${words.join("; ")}`);
  }
  return stdout.split("\n").filter((line) => line !== "");
}

/** Rights are taken away only where they are others, since a program would be without them for a moment. */
async function hasItsRights(primary: Docker.Container, login: Login): Promise<boolean> {
  const rows = await query(
    primary,
    `SELECT table_schema, privilege_type FROM information_schema.schema_privileges WHERE grantee = '''${login.name}''@''%''';`,
  );
  const held = rows.map(([schema = "", privilege = ""]) => `${schema} ${privilege}`).sort();
  const wanted = privilegesOf(login.rights).map((privilege) => `${login.database} ${privilege}`);
  return held.join() === wanted.sort().join();
}

async function status(replica: Docker.Container): Promise<Map<string, string> | undefined> {
  const lines = await ask(replica, "SHOW SLAVE STATUS\\G").catch(() => []);
  if (lines.length === 0) return undefined;
  return new Map(lines.map((line) => [line.split(":")[0]?.trim() ?? "", line.slice(line.indexOf(":") + 1).trim()]));
}

/** The number of a transaction in a position such as `0-1-270`: domain, server, number. */
function sequenceOf(position = ""): bigint {
  return BigInt(position.split(",")[0]?.split("-")[2] ?? "0");
}

function stateOf(node: number, status: Map<string, string> | undefined): ReplicaState | undefined {
  if (!status) return undefined;
  const follows = status.get("Slave_IO_Running") === "Yes" && status.get("Slave_SQL_Running") === "Yes";
  const seconds = Number(status.get("Seconds_Behind_Master"));
  const isStuck = status.get("Last_IO_Errno") === LOG_IS_GONE || status.get("Last_SQL_Errno") !== "0";
  const errors = [status.get("Last_IO_Error"), status.get("Last_SQL_Error")];
  return {
    ...{ node, follows, lagBytes: undefined },
    lagSeconds: follows && Number.isFinite(seconds) ? seconds : undefined,
    hopeless: isStuck ? errors.filter(Boolean).join("; ") : undefined,
  };
}
