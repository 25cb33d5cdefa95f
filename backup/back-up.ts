import { Measure, encode, endingOf, passOn } from "./codec.ts";
import type { Config } from "./config.ts";
import type { Dump, Engine, Server } from "./engine.ts";
import { idAt } from "./manifest.ts";
import type { Manifest } from "./manifest.ts";
import { outdated } from "./retention.ts";
import { Shelf } from "./shelf.ts";
import type { Store } from "./store.ts";

/** What a backup is taken with. */
export interface Means {
  config: Pick<Config, "key" | "keep" | "keepDays">;
  engine: Engine;
  server: Server;
  store: Store;
}

/**
 * Takes a backup of a database, then removes the outdated ones.
 *
 * @throws {Error} when it cannot be taken; those that were there stay as they are.
 */
export async function backUp(means: Means, database: string): Promise<Manifest> {
  await new Shelf(means.store, database).sweep();
  const begun = new Date();
  const dump = await means.engine.dump(means.server, database);
  return storeBackup(means, { kind: "dump", folder: database, dump, begun });
}

/** Stores what is dumped as a backup in its folder, then removes the outdated ones. */
export async function storeBackup(
  { config, engine, store }: Means,
  { kind, folder, dump, begun }: { kind: Manifest["kind"]; folder: string; dump: Dump; begun: Date },
): Promise<Manifest> {
  const shelf = new Shelf(store, folder);
  const id = await shelf.unused(idAt(begun));
  const file = `${id}.${kind}${endingOf(config.key !== undefined)}`;
  const [held, stored] = [new Measure({ hashes: false }), new Measure({ hashes: true })];
  const encoded = await encode(passOn(dump.content, held), config.key);
  // Together: what only one of the two knows of a failure ends the other.
  const [tables] = await Promise.all([
    dump.tables.catch((error: unknown) => {
      dump.content.destroy();
      throw error;
    }),
    shelf.write(file, passOn(encoded, stored)),
  ]).catch(async (error: unknown) => {
    await shelf.discard(file);
    throw error;
  });
  const manifest: Manifest = {
    ...{ id, kind, engine: engine.name, version: dump.version, database: folder },
    ...{ begun: begun.toISOString(), seconds: (Date.now() - begun.getTime()) / 1000 },
    ...{ file, size: stored.size, contentSize: held.size, sha256: stored.sha256() },
    ...{ encrypted: config.key !== undefined, position: dump.position, system: dump.system, tables, tool: dump.tool },
  };
  await shelf.add(manifest);
  const others = (await shelf.list()).filter(({ kind }) => kind === manifest.kind);
  for (const old of outdated(others, config, Date.now())) await shelf.remove(old);
  return manifest;
}
