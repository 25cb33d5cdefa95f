import { randomUUID } from "node:crypto";
import { appendFile, mkdir, mkdtemp, readdir, rm, stat, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { storeBackup } from "./back-up.ts";
import type { Means } from "./back-up.ts";
import type { Server } from "./engine.ts";
import type { Backup, Manifest } from "./manifest.ts";
import { startServer, variablesOf, withClient } from "./postgres.ts";
import { feed, run, start, wholeOutput } from "./processes.ts";
import { Shelf } from "./shelf.ts";
import type { Store } from "./store.ts";

/** Where base backups are: no database has a name with a dot. */
export const BASES = ".server";
const POLL_MS = 100;
const SLOT = "slipway_backup";

/** Takes all files of a server, from which its WAL leads to any later moment. */
export async function backUpServer(means: Means): Promise<Manifest> {
  const { server } = means;
  const begun = new Date();
  const tool = await run("pg_basebackup", ["--version"]);
  const { version, system } = await identify(server);
  return keepingWal(server, () => {
    // With the WAL of its own time, so that it can be restored whatever became of the rest.
    const options = ["--pgdata=-", "--format=tar", "--wal-method=fetch", "--checkpoint=fast", "--no-password"];
    const content = wholeOutput(start("pg_basebackup", options, variablesOf(server)));
    const dump = { version, tool, content, tables: Promise.resolve([]), position: undefined, system };
    return storeBackup(means, { kind: "base", folder: BASES, dump, begun });
  });
}

/**
 * Has the server keep its WAL meanwhile: pg_basebackup fetches that of its own time at its end, when a checkpoint may have
 * removed the beginning of it. It takes no slot itself where it prints what it receives.
 */
function keepingWal<T>(server: Server, work: () => Promise<T>): Promise<T> {
  return withClient(server, "postgres", async (client) => {
    // Goes with the connection, however this ends.
    await client.query("SELECT pg_create_physical_replication_slot($1, true, true)", [
      `${SLOT}_${randomUUID().slice(0, 8)}`,
    ]);
    return work();
  });
}

/**
 * Receives the server's WAL as it is written, until it is stopped or the server goes. The slot keeps on the server what
 * has not been received. Each server has a folder of its own: one that was made anew begins its WAL anew, by the same names.
 */
export async function receiveWal(server: Server, directory: string): Promise<void> {
  const { system, segmentBytes } = await identify(server);
  const own = join(directory, system);
  await mkdir(own, { recursive: true, mode: 0o700 });
  await removeBroken(own, segmentBytes);
  const options = [`--directory=${own}`, `--slot=${SLOT}`, "--no-password"];
  await run("pg_receivewal", [...options, "--create-slot", "--if-not-exists"], variablesOf(server));
  // Whoever starts it again looks which server there is then.
  const receiving = start("pg_receivewal", [...options, "--no-loop"], variablesOf(server));
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, receiving.stop);
  receiving.output.resume();
  await receiving.ended;
}

/** Removes the WAL that no base backup needs any more. */
export async function removeOldWal(directory: string, bases: readonly Manifest[]): Promise<void> {
  for (const system of await readdir(directory).catch(() => [])) {
    const own = bases.filter((base) => base.system === system);
    if (own.length > 0)
      await removeBefore(join(directory, system), Math.min(...own.map(({ begun }) => Date.parse(begun))));
    else await rm(join(directory, system), { recursive: true, force: true });
  }
}

/** A base backup begins with a checkpoint of its own: what was full before it began is not needed. */
async function removeBefore(directory: string, oldest: number): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!/^[0-9A-F]{24}$/.test(name)) continue;
    const { mtimeMs } = await stat(join(directory, name));
    if (mtimeMs < oldest) await unlink(join(directory, name));
  }
}

/** On a full disk pg_receivewal leaves a file that it would never go on from; what was in it is still on the server. */
async function removeBroken(directory: string, segmentBytes: number): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!name.endsWith(".partial")) continue;
    const { size } = await stat(join(directory, name));
    if (size !== 0 && size !== segmentBytes) await unlink(join(directory, name));
  }
}

async function identify(server: Server): Promise<{ version: string; system: string; segmentBytes: number }> {
  return withClient(server, "postgres", async (client) => {
    const { rows } = await client.query<{ version: string; system: string; segment: string }>(
      `SELECT split_part(current_setting('server_version'), ' ', 1) AS version, system_identifier::text AS system,
              (SELECT setting FROM pg_settings WHERE name = 'wal_segment_size') AS segment
       FROM pg_control_system()`,
    );
    const [found] = rows;
    if (!found) throw new Error("the server does not tell its identifier");
    return { version: found.version, system: found.system, segmentBytes: Number(found.segment) };
  });
}

/** Where a moment in the past is restored from. */
export interface Past {
  store: Store;
  key: string | undefined;
  /** Directory with the WAL. */
  wal: string;
  /** Directory for the throw-away server. */
  scratch: string;
}

/**
 * Writes a dump of a database as it was at a moment: the newest base backup before it is restored into a server of its own,
 * which takes the WAL up to then.
 *
 * @throws {Error} when no base backup is old enough, and when the WAL does not reach so far.
 */
export async function fetchAt(past: Past, database: string, time: Date, output: Writable): Promise<void> {
  const shelf = new Shelf(past.store, BASES);
  const base = baseBefore(await shelf.list(), time);
  const directory = await mkdtemp(join(past.scratch, "past-"));
  try {
    const data = join(directory, "data");
    await mkdir(data, { mode: 0o700 });
    await feed(start("tar", ["-x", "-f", "-", "-C", data]), await shelf.readContent(base, past.key));
    await configure(data, directory, join(past.wal, base.system ?? ""), time);
    const { server, stop } = await startServer(data, directory).catch((error: unknown) => reachedNot(directory, error));
    try {
      await promoted(server, data).catch((error: unknown) => reachedNot(directory, error));
      await pass(wholeOutput(dumping(server, database)), output);
    } finally {
      // It may have ended itself.
      await stop().catch(() => undefined);
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function dumping(server: Server, database: string) {
  return start("pg_dump", ["--format=custom", "--compress=0", `--dbname=${database}`], variablesOf(server));
}

function pass(content: Readable, output: Writable): Promise<void> {
  return pipeline(content, output, { end: false });
}

function baseBefore(bases: readonly Backup[], time: Date): Backup {
  const ended = ({ begun, seconds }: Manifest) => Date.parse(begun) + seconds * 1000;
  const found = bases.filter((base) => ended(base) <= time.getTime()).at(-1);
  if (found) return found;
  const [first] = bases;
  const there = first ? `the first one was there at ${new Date(ended(first)).toISOString()}` : "there is none";
  throw new Error(`no base backup was taken before ${time.toISOString()}; ${there}`);
}

async function configure(data: string, socket: string, wal: string, time: Date): Promise<void> {
  await writeFile(join(data, "recovery.signal"), "");
  await writeFile(join(data, "pg_hba.conf"), "local all all trust\n");
  // What was still being received ends in .partial.
  const restore = `cp "${wal}/%f" "%p" 2>/dev/null || cp "${wal}/%f.partial" "%p"`;
  await appendFile(
    join(data, "postgresql.conf"),
    `
restore_command = '${restore}'
recovery_target_time = '${time.toISOString().replace("Z", "+00")}'
recovery_target_action = 'promote'
hot_standby = off
listen_addresses = ''
unix_socket_directories = '${socket}'
fsync = off
max_wal_senders = 0
wal_level = minimal
shared_buffers = 64MB
`,
  );
}

/** It takes connections once it has reached the moment; before that, or when it cannot, it takes none. */
async function promoted(server: Server, data: string): Promise<void> {
  for (;;) {
    const fault = await withClient(server, "postgres", () => Promise.resolve(undefined)).catch(
      (error: unknown) => error,
    );
    if (fault === undefined) return;
    await run("pg_ctl", [`--pgdata=${data}`, "status"]);
    await sleep(POLL_MS);
  }
}

async function reachedNot(directory: string, error: unknown): Promise<never> {
  const log = await run("tail", ["-n", "8", join(directory, "server.log")]).catch(() => "");
  throw new Error(log === "" ? String(error) : `the server does not reach that moment:\n${log}`);
}
