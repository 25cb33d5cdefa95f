import { setTimeout as sleep } from "node:timers/promises";
import knex, { type Knex } from "knex";
import type { DatabaseSettings } from "./settings.ts";

const RETRY_MS = 500;
const CONNECT_MS = 5000;

/** Makes the pool of connections; none is opened before the first question. */
export function openDatabase(settings: DatabaseSettings, most = 5): Knex {
  return knex({
    client: "mysql2",
    connection: { ...settings, charset: "utf8mb4", timezone: "Z", connectTimeout: CONNECT_MS },
    pool: { min: 0, max: most },
    acquireConnectionTimeout: CONNECT_MS,
  });
}

/** Waits until the database answers; whoever has started the program decides how long. */
export async function untilAnswering(database: Knex, say: (line: string) => void): Promise<void> {
  for (;;) {
    try {
      await database.raw("SELECT 1");
      return;
    } catch (error) {
      say(`waiting for the database: ${error instanceof Error ? error.message : String(error)}`);
      await sleep(RETRY_MS);
    }
  }
}
