import type { DatabasePlan, Login } from "./inputs.ts";
import { nativeHash } from "./scram.ts";

const ROWS = ["SELECT", "INSERT", "UPDATE", "DELETE", "EXECUTE", "CREATE TEMPORARY TABLES", "LOCK TABLES", "SHOW VIEW"];
const SCHEMA = [
  ...["CREATE", "DROP", "ALTER", "INDEX", "REFERENCES", "TRIGGER", "EVENT"],
  ...["CREATE VIEW", "CREATE ROUTINE", "ALTER ROUTINE"],
];
/** What a dump of everything needs. */
const READ_ALL = "SELECT, SHOW VIEW, TRIGGER, EVENT, LOCK TABLES, RELOAD, PROCESS, BINLOG MONITOR";

/** What a login may do in its database. */
export function privilegesOf(rights: Login["rights"]): string[] {
  if (rights === "read") return ["SELECT", "SHOW VIEW"];
  return rights === "write" ? [...ROWS] : [...ROWS, ...SCHEMA];
}

/** Accounts of our own, and databases. */
export function serverSql({ databases, replicationPassword, backupPassword }: DatabasePlan): string {
  return [
    accountSql("slipway_replication", replicationPassword),
    `GRANT REPLICATION SLAVE, ${READ_ALL} ON *.* TO slipway_replication@'%';`,
    accountSql("slipway_backup", backupPassword),
    `GRANT ${READ_ALL} ON *.* TO slipway_backup@'%';`,
    ...databases.map((database) => `CREATE DATABASE IF NOT EXISTS \`${database}\` CHARACTER SET utf8mb4;`),
  ].join("\n");
}

/** A program's login. With other rights than it has, those are taken away first. */
export function loginSql({ name, database, rights, password }: Login, { isRight }: { isRight: boolean }): string {
  const account = `'${name}'@'%'`;
  const grants = [
    `REVOKE ALL PRIVILEGES, GRANT OPTION FROM ${account};`,
    `GRANT ${privilegesOf(rights).join(", ")} ON \`${database}\`.* TO ${account};`,
  ];
  return [accountSql(name, password), ...(isRight ? [] : grants)].join("\n");
}

/** Ends a login and its connections. */
export function dropLoginSql(name: string): string {
  return `DROP USER IF EXISTS '${name}'@'%'; KILL USER '${name}'@'%';`;
}

function accountSql(name: string, password: string): string {
  const identified = `IDENTIFIED VIA mysql_native_password USING '${nativeHash(password)}'`;
  return [`CREATE USER IF NOT EXISTS '${name}'@'%' ${identified};`, `ALTER USER '${name}'@'%' ${identified};`].join(
    "\n",
  );
}
