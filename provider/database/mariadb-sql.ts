import type { DatabasePlan, Login } from "./inputs.ts";
import { nativeHash } from "./scram.ts";

const ROWS = ["SELECT", "INSERT", "UPDATE", "DELETE", "EXECUTE", "CREATE TEMPORARY TABLES", "LOCK TABLES", "SHOW VIEW"];
const SCHEMA = [
  ...["CREATE", "DROP", "ALTER", "INDEX", "REFERENCES", "TRIGGER", "EVENT"],
  ...["CREATE VIEW", "CREATE ROUTINE", "ALTER ROUTINE"],
];
/** What a dump of everything needs. */
const READ_ALL = "SELECT, SHOW VIEW, TRIGGER, EVENT, LOCK TABLES, RELOAD, PROCESS, BINLOG MONITOR";

// In the database's comment: replicas and what they are copied from have it as well, and it goes when the database goes.
const MARK = "slipway:[0-9a-f-]{36}";

/** The logins that there are, and the databases, each with what tells its data from other data of the same name. */
export const SURVEY = `
SELECT 'login', User FROM mysql.user WHERE Host = '%';
SELECT 'database', SCHEMA_NAME, REGEXP_SUBSTR(SCHEMA_COMMENT, '${MARK}') FROM information_schema.SCHEMATA;`;

/** Says that a database has other data than before, or its first. */
export function newDataSql(database: string): string {
  return dataSql(database, "TRUE");
}

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
    ...databases.flatMap((database) => [
      `CREATE DATABASE IF NOT EXISTS \`${database}\` CHARACTER SET utf8mb4;`,
      dataSql(database, `SCHEMA_COMMENT NOT REGEXP '${MARK}'`),
    ]),
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

/** Leaves the rest of the comment as it is, and the character set, which the server's own would take the place of. */
function dataSql(database: string, condition: string): string {
  const comment = `TRIM(CONCAT(REGEXP_REPLACE(SCHEMA_COMMENT, ' ?${MARK}', ''), ' slipway:', UUID()))`;
  const set = "CHARACTER SET ', DEFAULT_CHARACTER_SET_NAME, ' COLLATE ', DEFAULT_COLLATION_NAME, ' COMMENT '";
  return [
    `SET @data = (SELECT CONCAT('ALTER DATABASE \`${database}\` ${set}, QUOTE(${comment}))`,
    `FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = '${database}' AND ${condition});`,
    "EXECUTE IMMEDIATE IFNULL(@data, 'DO 0');",
  ].join("\n");
}

function accountSql(name: string, password: string): string {
  const identified = `IDENTIFIED VIA mysql_native_password USING '${nativeHash(password)}'`;
  return [`CREATE USER IF NOT EXISTS '${name}'@'%' ${identified};`, `ALTER USER '${name}'@'%' ${identified};`].join(
    "\n",
  );
}
