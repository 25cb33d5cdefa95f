import type Docker from "dockerode";
import { mariadb } from "./mariadb.ts";
import { postgres } from "./postgres.ts";
import { freshName } from "./restorer.ts";
import type { Restorer } from "./restorer.ts";

const RESTORERS: Record<"postgres" | "mariadb", Restorer> = { postgres, mariadb };

/** The ways of an engine. */
export function restorerOf(engine: keyof typeof RESTORERS): Restorer {
  return RESTORERS[engine];
}

/** A database that is given another content. */
export interface Target {
  restorer: Restorer;
  /** The server's container that takes writes. */
  primary: Docker.Container;
  database: string;
}

/**
 * Fills a fresh database beside the one that is meant, and puts it in its place once it is whole. Until then nothing of
 * the other changes, and whatever fails leaves it as it was.
 *
 * @param fill is told the name of the fresh database.
 * @param signal ends the filling; what takes the other's place already is gone through with.
 */
export async function replaceContent(
  { restorer, primary, database }: Target,
  fill: (fresh: string) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const fresh = freshName(database);
  await restorer.create(primary, database, fresh);
  const filling = fill(fresh);
  try {
    await (signal ? Promise.race([filling, untilAborted(signal)]) : filling);
    signal?.throwIfAborted();
    await restorer.swap(primary, database, fresh);
  } catch (error) {
    await restorer.drop(primary, fresh);
    // What was still filling it has found it gone.
    await filling.catch(() => undefined);
    throw error;
  }
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const fail = () => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) fail();
    signal.addEventListener("abort", fail, { once: true });
  });
}

/** What keeps a backup from being restored into a server; undefined when nothing does. */
export function refusalOf(
  backup: { engine: string; version: string },
  server: { engine: string; version: string },
): string | undefined {
  if (backup.engine !== server.engine) return `it is of ${backup.engine} and the server is ${server.engine}`;
  const [from, to] = [majorOf(backup), majorOf(server)];
  if (compare(from, to) <= 0) return undefined;
  return `it is of ${backup.engine} ${from.join(".")} and the server is the older ${to.join(".")}`;
}

/** PostgreSQL counts its major versions by one number, MariaDB by two. */
function majorOf({ engine, version }: { engine: string; version: string }): number[] {
  return version
    .split(".")
    .slice(0, engine === "postgres" ? 1 : 2)
    .map(Number);
}

function compare(a: readonly number[], b: readonly number[]): number {
  const different = a.findIndex((part, index) => part !== (b[index] ?? 0));
  return different === -1 ? 0 : (a[different] ?? 0) - (b[different] ?? 0);
}
