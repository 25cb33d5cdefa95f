import type Docker from "dockerode";
import { exec } from "../../../provider/engine/exec.ts";
import type { Workspace } from "../../support/workspace.ts";

/** Big enough that a dump is no single packet; the text cannot be compressed away. */
export const ROWS = 20_000;

/** Statements that make a table of that many rows, with what hangs on it. */
export const FILL = {
  postgres: `CREATE TABLE words (id int PRIMARY KEY, line text);
    INSERT INTO words SELECT n, md5(n::text) || md5((-n)::text) FROM generate_series(1, ${ROWS}) n;
    CREATE VIEW long AS SELECT * FROM words WHERE length(line) > 10;`,
  mariadb: `CREATE TABLE words (id int PRIMARY KEY, line text);
    INSERT INTO words SELECT seq, concat(md5(seq), md5(-seq)) FROM seq_1_to_${ROWS};
    CREATE VIEW \`long\` AS SELECT * FROM words WHERE length(line) > 10;
    CREATE TRIGGER shout BEFORE UPDATE ON words FOR EACH ROW SET NEW.line = upper(NEW.line);`,
} as const;

/**
 * Has a PostgreSQL remove all the WAL that it may, after a backup has begun to take its files and before it has them.
 *
 * @throws {Error} when no backup of it takes its files within a minute.
 */
export async function removeWalDuringBackup(workspace: Workspace, node: Docker.Container): Promise<void> {
  const run = async (...statements: string[]) => {
    const { code, stderr } = await exec(node, ["psql", "-X", ...statements.flatMap((each) => ["-c", each])]);
    if (code !== 0) throw new Error(stderr);
  };
  const begun = "EXISTS (SELECT FROM pg_stat_progress_basebackup WHERE phase = 'streaming database files')";
  const look = "PERFORM pg_stat_clear_snapshot(); PERFORM pg_sleep(0.01);";
  await run(`DO $$ BEGIN FOR i IN 1..6000 LOOP EXIT WHEN ${begun}; ${look} END LOOP; END $$`);
  const label = [`slipway.namespace=${workspace.namespace}`, "slipway.job=main-backup"];
  const [job] = await workspace.docker.listContainers({ filters: { label } });
  if (!job) throw new Error("no backup runs");
  const container = workspace.docker.getContainer(job.Id);
  await container.pause();
  try {
    // The receiver tells only now and then what it has, and the server keeps for it what it may not have.
    const received = "(SELECT restart_lsn >= past FROM pg_replication_slots WHERE slot_name = 'slipway_backup')";
    const wait = `FOR i IN 1..6000 LOOP EXIT WHEN ${received}; PERFORM pg_sleep(0.01); END LOOP;`;
    const write = "SELECT pg_logical_emit_message(false, '', '')";
    await run(write, `DO $$ DECLARE past pg_lsn := pg_switch_wal(); BEGIN ${wait} END $$`, write, "CHECKPOINT");
  } finally {
    await container.unpause();
  }
}
