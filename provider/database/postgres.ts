import type Docker from "dockerode";
import { execWithInput } from "../engine/exec.ts";
import { surveyOf } from "./dialect.ts";
import type { Dialect, ReplicaState } from "./dialect.ts";
import { SURVEY, databaseSql, dropLoginSql, loginsSql, serverSql } from "./postgres-sql.ts";

const REPLICAS = `
SELECT application_name, state, pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)::bigint,
       coalesce(extract(epoch FROM replay_lag), 0)
FROM pg_stat_replication WHERE application_name LIKE 'slipway\\_%';`;
const LOST_SLOTS = "SELECT slot_name FROM pg_replication_slots WHERE wal_status = 'lost';";
const RECEIVED = `
SELECT pg_wal_lsn_diff(greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()), '0/0')::bigint,
       to_char(pg_last_xact_replay_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"');`;
const DROP_SECONDS = 10;

/** How PostgreSQL is spoken to: `psql` on its socket, as the operating system's user. */
export const postgres: Dialect = {
  volume: "/var/lib/postgresql/data",
  port: 5432,
  credentials: (password) => ({ name: "pgpass", content: `*:*:*:slipway_replication:${password}\n` }),
  async roleOf(node) {
    const answer = await query(node, "SELECT pg_is_in_recovery();").catch(() => undefined);
    if (answer === undefined) return undefined;
    return answer[0]?.[0] === "t" ? "replica" : "primary";
  },
  async provision(primary, plan) {
    await query(primary, serverSql(plan));
    for (const database of plan.databases) await query(primary, databaseSql(database), database);
    await query(primary, loginsSql(plan));
  },
  survey: async (primary) => surveyOf(await query(primary, SURVEY)),
  async dropLogins(primary, names, { databases }) {
    for (const name of names) {
      const [found] = await query(primary, `SELECT 1 FROM pg_roles WHERE rolname = '${name}';`);
      if (found === undefined) continue;
      await query(primary, `ALTER ROLE "${name}" NOLOGIN;`);
      for (const database of databases) await query(primary, dropLoginSql(name, database), database);
      await query(primary, `DROP ROLE "${name}";`);
    }
  },
  async keepLogFor(primary, replicas) {
    const wanted = replicas.map(slotOf);
    const slots = await query(
      primary,
      "SELECT slot_name FROM pg_replication_slots WHERE slot_name ~ '^slipway_\\d+$';",
    );
    const there = slots.map(([name = ""]) => name);
    for (const slot of there.filter((name) => !wanted.includes(name))) await dropSlot(primary, slot);
    const fresh = wanted.filter((name) => !there.includes(name));
    for (const slot of fresh) await query(primary, `SELECT pg_create_physical_replication_slot('${slot}', true);`);
    return fresh.map(nodeOf);
  },
  // Its entry script has said whom it follows.
  follow: () => Promise.resolve(),
  async replicas(primary, nodes) {
    const [rows, lost] = await Promise.all([query(primary, REPLICAS), query(primary, LOST_SLOTS)]);
    const gone = lost.map(([slot = ""]) => nodeOf(slot));
    return nodes.flatMap(({ node }): ReplicaState[] => {
      const [, state, bytes, seconds] = rows.find(([name = ""]) => nodeOf(name) === node) ?? [];
      const hopeless = gone.includes(node) ? "the primary has removed the log that it needs" : undefined;
      if (state === undefined && hopeless === undefined) return [];
      const follows = state === "streaming";
      return [
        {
          ...{ node, follows, hopeless },
          lagBytes: follows ? Number(bytes) : undefined,
          lagSeconds: follows ? Number(seconds) : undefined,
        },
      ];
    });
  },
  async isWaiting(primary) {
    return (await standbyNames(primary)) !== "";
  },
  async waitFor(primary, replicas) {
    const names = replicas.length === 0 ? "" : `ANY 1 (${replicas.map(slotOf).join(", ")})`;
    if ((await standbyNames(primary)) === names) return;
    await query(primary, `ALTER SYSTEM SET synchronous_standby_names = '${names}';`);
    await query(primary, "SELECT pg_reload_conf();");
  },
  async received(replica) {
    const [row] = await query(replica, RECEIVED);
    const [position = "0", lastWrite = ""] = row ?? [];
    return { position: BigInt(position), lastWrite: lastWrite === "" ? undefined : lastWrite };
  },
  // A clean stop, which comes next, sends everything to those that follow (Shutdown of the Server, "fast").
  async handOver(_primary, replica) {
    const [row] = await query(replica, "SELECT status FROM pg_stat_wal_receiver;");
    return row?.[0] === "streaming";
  },
  async promote(replica) {
    const [row] = await query(replica, "SELECT pg_promote(true, 60);");
    if (row?.[0] !== "t") throw new Error("it did not become the primary within 60 s");
  },
};

/** Runs statements as the superuser; one row for each line of the answer. @throws {Error} with what psql says. */
async function query(node: Docker.Container, sql: string, database = "postgres"): Promise<string[][]> {
  const options = ["-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1"];
  const { code, stdout, stderr } = await execWithInput(node, ["psql", ...options, "-d", database, "-f", "-"], sql);
  if (code !== 0) throw new Error(`psql: ${stderr.trim()}`);
  const lines = stdout.split("\n").filter((line) => line !== "");
  return lines.map((line) => line.split("\t"));
}

/** Whom an acknowledgement waits for; an empty line is no row. */
async function standbyNames(primary: Docker.Container): Promise<string> {
  const [row] = await query(primary, "SHOW synchronous_standby_names;");
  return row?.[0] ?? "";
}

/** A slot that is in use is given free by ending who uses it, who comes back at once. */
async function dropSlot(primary: Docker.Container, slot: string): Promise<void> {
  const end = `SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '${slot}' AND active;`;
  const deadline = Date.now() + DROP_SECONDS * 1000;
  for (;;) {
    try {
      await query(primary, `${end}\nSELECT pg_drop_replication_slot('${slot}');`);
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

function slotOf(node: number): string {
  return `slipway_${node}`;
}

function nodeOf(slot: string): number {
  return Number(slot.slice("slipway_".length));
}
