import type { Knex } from "knex";
import * as people from "./0001-people.ts";

/**
 * All migrations by name, in the order in which they run. What has run once is not changed any more: a later change of the
 * schema is a migration of its own, with one statement, since MariaDB cannot take half of one back.
 */
export const migrations: Readonly<Record<string, Knex.Migration>> = {
  "0001-people": people,
};
