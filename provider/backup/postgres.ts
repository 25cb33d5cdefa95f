import type Docker from "dockerode";
import { databaseSql, newDataSql } from "../database/postgres-sql.ts";
import { execWithInput } from "../engine/exec.ts";
import { feed } from "./feed.ts";
import { replacedName } from "./restorer.ts";
import type { Restorer } from "./restorer.ts";

const PSQL = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"];

/** PostgreSQL, by `psql` and `pg_restore` on its socket. */
export const postgres: Restorer = {
  version: (primary) => query(primary, "SELECT split_part(current_setting('server_version'), ' ', 1);"),
  async isEmpty(primary, database) {
    const own = "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace";
    return (
      (await query(primary, `${own} WHERE nspname !~ '^pg_' AND nspname <> 'information_schema';`, database)) === "0"
    );
  },
  async create(primary, database, fresh) {
    await query(primary, `DROP DATABASE IF EXISTS "${fresh}" WITH (FORCE);`);
    await query(primary, `CREATE DATABASE "${fresh}" OWNER "${database}_owner" TEMPLATE template0;`);
    await query(primary, takeOver(database, fresh));
    await query(primary, databaseSql(database), fresh);
  },
  load: (primary, database, fresh, dump) =>
    // Who may do what is the declaration's business, not the backup's.
    feed(
      primary,
      ["pg_restore", "--exit-on-error", "--no-owner", "--no-privileges", ...roleOf(database), "-d", fresh],
      dump,
    ),
  async execute(primary, database, fresh, sql) {
    const options = [...PSQL, "--single-transaction", "-d", fresh, "-c", `SET ROLE "${database}_owner"`, "-f", "-"];
    await feed(primary, options, sql);
  },
  async swap(primary, database, fresh) {
    const replaced = replacedName(database);
    await query(primary, databaseSql(database), fresh);
    await query(primary, `DROP DATABASE IF EXISTS "${replaced}" WITH (FORCE);`);
    // Nobody comes in between; at once, so that the name is never without a database.
    await query(
      primary,
      `ALTER DATABASE "${database}" ALLOW_CONNECTIONS false;
       SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname IN ('${database}', '${fresh}');
       BEGIN;
       ALTER DATABASE "${database}" RENAME TO "${replaced}";
       ALTER DATABASE "${fresh}" RENAME TO "${database}";
       COMMIT;`,
    ).catch(async (error: unknown) => {
      await query(primary, `ALTER DATABASE "${database}" ALLOW_CONNECTIONS true;`);
      throw error;
    });
  },
  async renew(primary, database) {
    await query(primary, newDataSql(database));
  },
  async drop(primary, fresh) {
    await query(primary, `DROP DATABASE IF EXISTS "${fresh}" WITH (FORCE);`);
  },
};

/** Who may connect and with which settings hangs on a database and not on its name. */
function takeOver(database: string, fresh: string): string {
  return `
REVOKE ALL ON DATABASE "${fresh}" FROM PUBLIC;
SELECT format('GRANT %s ON DATABASE %I TO %I', privilege_type, '${fresh}', r.rolname)
FROM pg_database, aclexplode(datacl) JOIN pg_roles r ON r.oid = grantee WHERE datname = '${database}' \\gexec
SELECT format('ALTER %s DATABASE %I SET %s = %L', coalesce('ROLE ' || quote_ident(r.rolname) || ' IN', ''), '${fresh}',
              split_part(setting, '=', 1), substr(setting, strpos(setting, '=') + 1))
FROM pg_db_role_setting s JOIN pg_database d ON d.oid = setdatabase LEFT JOIN pg_roles r ON r.oid = setrole,
     unnest(setconfig) setting
WHERE d.datname = '${database}' \\gexec
`;
}

function roleOf(database: string): string[] {
  return [`--role=${database}_owner`];
}

/** Runs statements as the superuser. @throws {Error} with what psql says. */
async function query(primary: Docker.Container, sql: string, database = "postgres"): Promise<string> {
  const { code, stdout, stderr } = await execWithInput(primary, [...PSQL, "-d", database, "-f", "-"], sql);
  if (code !== 0) throw new Error(`psql: ${stderr.trim()}`);
  return stdout.trim();
}
