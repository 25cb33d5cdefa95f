import type { DatabasePlan, Login } from "./inputs.ts";
import { scramVerifier } from "./scram.ts";

// What objects belong to, and what logins are members of, so that a login can go without its tables.
const groupsOf = (database: string) => ({
  owner: `"${database}_owner"`,
  write: `"${database}_write"`,
  read: `"${database}_read"`,
});

// A setting of the database's own: replicas have it as well, and it goes when the database goes.
const DATA = `
SELECT datname, split_part(setting, '=', 2) AS data
FROM pg_database d JOIN pg_db_role_setting s ON setdatabase = d.oid AND setrole = 0, unnest(setconfig) setting
WHERE setting LIKE 'slipway.data=%'`;

/** The logins that there are, and the databases, each with what tells its data from other data of the same name. */
export const SURVEY = `
SELECT 'login', rolname FROM pg_roles WHERE rolcanlogin;
SELECT 'database', datname, coalesce(data, '') FROM pg_database LEFT JOIN (${DATA}) known USING (datname);`;

/** Says that a database has other data than before, or its first. */
export function newDataSql(database: string): string {
  return `SELECT ${newDataOf(database)} \\gexec`;
}

/** Roles of our own, databases and their groups; run in the database `postgres`. */
export function serverSql({ databases, replicationPassword, backupPassword }: DatabasePlan): string {
  return [
    roleSql(
      "slipway_replication",
      `LOGIN REPLICATION PASSWORD ${verifier("slipway_replication", replicationPassword)}`,
    ),
    roleSql("slipway_backup", `LOGIN REPLICATION PASSWORD ${verifier("slipway_backup", backupPassword)}`),
    "GRANT pg_read_all_data TO slipway_backup;",
    ...databases.flatMap((database) => {
      const { owner, write, read } = groupsOf(database);
      return [
        ...["owner", "write", "read"].map((group) => roleSql(`${database}_${group}`, "NOLOGIN")),
        unless(`SELECT FROM pg_database WHERE datname = '${database}'`, `CREATE DATABASE "${database}" OWNER ${owner}`),
        `REVOKE ALL ON DATABASE "${database}" FROM PUBLIC;`,
        `GRANT CONNECT, TEMPORARY ON DATABASE "${database}" TO ${write};`,
        `GRANT CONNECT ON DATABASE "${database}" TO ${read}, slipway_backup;`,
        `SELECT ${newDataOf(database)} WHERE NOT EXISTS (SELECT FROM (${DATA}) known WHERE datname = '${database}') \\gexec`,
      ];
    }),
  ].join("\n");
}

/** Who may do what with the objects of a database, those that come included; run in that database. */
export function databaseSql(database: string): string {
  const { owner, write, read } = groupsOf(database);
  const defaults = `ALTER DEFAULT PRIVILEGES FOR ROLE ${owner}`;
  const schemas = "nspname !~ '^pg_' AND nspname <> 'information_schema'";
  const existing = [
    `GRANT USAGE ON SCHEMA %1$I TO ${write}, ${read}`,
    `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %1$I TO ${write}`,
    `GRANT SELECT ON ALL TABLES IN SCHEMA %1$I TO ${read}`,
    `GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA %1$I TO ${write}`,
    `GRANT SELECT ON ALL SEQUENCES IN SCHEMA %1$I TO ${read}`,
  ];
  return [
    "BEGIN;",
    `ALTER SCHEMA public OWNER TO ${owner};`,
    "REVOKE ALL ON SCHEMA public FROM PUBLIC;",
    ...existing.map((grant) => `SELECT format('${grant}', nspname) FROM pg_namespace WHERE ${schemas} \\gexec`),
    `${defaults} GRANT USAGE ON SCHEMAS TO ${write}, ${read};`,
    `${defaults} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${write};`,
    `${defaults} GRANT SELECT ON TABLES TO ${read};`,
    `${defaults} GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO ${write};`,
    `${defaults} GRANT SELECT ON SEQUENCES TO ${read};`,
    "COMMIT;",
  ].join("\n");
}

/** The programs' logins, each a member of one group; at once, so that none is without its rights meanwhile. */
export function loginsSql({ logins }: DatabasePlan): string {
  return ["BEGIN;", ...logins.map(loginSql), "COMMIT;"].join("\n");
}

/** Takes all that hangs on a login away, and ends its connections; run in each database before the login is dropped. */
export function dropLoginSql(name: string, database: string): string {
  return [
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${name}';`,
    `REASSIGN OWNED BY "${name}" TO ${groupsOf(database).owner};`,
    `DROP OWNED BY "${name}";`,
  ].join("\n");
}

function loginSql({ name, database, rights, password }: Login): string {
  const group = `${database}_${rights}`;
  const others = `
SELECT format('REVOKE %I FROM %I', held.rolname, holder.rolname)
FROM pg_auth_members JOIN pg_roles held ON held.oid = roleid JOIN pg_roles holder ON holder.oid = member
WHERE holder.rolname = '${name}' AND held.rolname <> '${group}' \\gexec`;
  return [
    roleSql(name, `LOGIN PASSWORD ${verifier(name, password)}`),
    others,
    `GRANT "${group}" TO "${name}";`,
    `ALTER ROLE "${name}" RESET ALL;`,
    `ALTER ROLE "${name}" IN DATABASE "${database}" RESET ALL;`,
    // What it makes belongs to the group and stays usable when the login goes.
    rights === "owner" ? `ALTER ROLE "${name}" IN DATABASE "${database}" SET role = '${group}';` : "",
    rights === "read" ? `ALTER ROLE "${name}" SET default_transaction_read_only = on;` : "",
  ].join("\n");
}

function roleSql(name: string, attributes: string): string {
  return [
    unless(`SELECT FROM pg_roles WHERE rolname = '${name}'`, `CREATE ROLE "${name}"`),
    `ALTER ROLE "${name}" ${attributes};`,
  ].join("\n");
}

function newDataOf(database: string): string {
  return `format('ALTER DATABASE %I SET slipway.data = %L', '${database}', gen_random_uuid())`;
}

function unless(query: string, statement: string): string {
  return `SELECT '${statement}' WHERE NOT EXISTS (${query}) \\gexec`;
}

function verifier(role: string, password: string): string {
  return `'${scramVerifier(role, password)}'`;
}
