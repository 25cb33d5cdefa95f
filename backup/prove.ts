import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Config } from "./config.ts";
import { describe } from "./describe.ts";
import type { Engine } from "./engine.ts";
import { differenceOf } from "./manifest.ts";
import type { Backup, Proof } from "./manifest.ts";
import { Shelf } from "./shelf.ts";
import type { Store } from "./store.ts";

/** What a backup is proven with. */
export interface ProofMeans {
  config: Pick<Config, "key" | "scratch">;
  engine: Engine;
  store: Store;
}

/**
 * Restores a backup into a server of its own, compares every table's rows with those that were backed up, and stores the
 * result beside it.
 */
export async function prove({ config, engine, store }: ProofMeans, backup: Backup): Promise<Proof> {
  const shelf = new Shelf(store, backup.database);
  const began = Date.now();
  const fault = await faultOf({ config, engine, store }, shelf, backup).catch(describe);
  const proof: Proof = {
    ...{ at: new Date(began).toISOString(), seconds: (Date.now() - began) / 1000, ok: fault === undefined },
    ...{ tables: backup.tables.length, rows: backup.tables.reduce((sum, { rows }) => sum + rows, 0) },
    ...(fault !== undefined && { fault }),
  };
  await shelf.addProof(backup.id, proof);
  return proof;
}

async function faultOf({ config, engine }: ProofMeans, shelf: Shelf, backup: Backup): Promise<string | undefined> {
  const digest = createHash("sha256");
  await pipeline(await shelf.readStored(backup), digest);
  const found = digest.digest("hex");
  if (found !== backup.sha256) {
    return `${backup.file} is not what was written: its SHA-256 is ${found.slice(0, 12)}…, it was ${backup.sha256.slice(0, 12)}…`;
  }
  const directory = await mkdtemp(join(config.scratch, "proof-"));
  try {
    const throwaway = await engine.startThrowaway(directory);
    try {
      await engine.load(throwaway.server, backup.database, await shelf.readContent(backup, config.key));
      return differenceOf(backup.tables, await engine.tables(throwaway.server, backup.database));
    } finally {
      await throwaway.stop();
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
