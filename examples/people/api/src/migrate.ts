import type { Knex } from "knex";
import { openDatabase, untilAnswering } from "./database.ts";
import { migrations } from "./migrations/index.ts";
import { readSettings } from "./settings.ts";

/** A change of a table waits so long for whoever reads it, and everybody else behind it. */
const LOCK_WAIT_SECONDS = 10;

const source: Knex.MigrationSource<string> = {
  getMigrations: () => Promise.resolve(Object.keys(migrations)),
  getMigrationName: (name) => name,
  getMigration: (name) => {
    const migration = migrations[name];
    return migration ? Promise.resolve(migration) : Promise.reject(new Error(`there is no migration ${name}`));
  },
};
const say = (line: string) => void process.stdout.write(`${line}\n`);

const database = openDatabase(readSettings(process.env).database, 1);
try {
  await untilAnswering(database, say);
  await database.raw("SET SESSION lock_wait_timeout = ?", [LOCK_WAIT_SECONDS]);
  // Slipway runs no two at once, so a lock that is there was left by a run that was killed.
  await database.migrate.forceFreeMigrationsLock({ migrationSource: source });
  const [, done] = (await database.migrate.latest({ migrationSource: source })) as [number, string[]];
  say(done.length === 0 ? "the schema is as it has to be" : `migrated: ${done.join(", ")}`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await database.destroy();
}
