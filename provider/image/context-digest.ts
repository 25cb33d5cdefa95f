import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { BigIntStats } from "node:fs";
import { mkdir, readFile, readlink, rename, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import { entriesOf, sentMode } from "./build-context.ts";
import type { BuildContext } from "./build-context.ts";

/** A file that was changed less than this before it was read may change once more without a trace, in nanoseconds. */
const RACY = 2_000_000_000n;
const LARGE = 1_048_576n;
const VERSION = 1;

/**
 * Hashes a context: path, mode and content of each file that the build gets to see. Links count by where they point to.
 * Files are read one by one, so that a large context takes no more memory than a small one; those that have not changed
 * since the last time are not read at all.
 *
 * @param cache - file that remembers what was hashed; without one, every file is read.
 * @param now - milliseconds since 1970; what changed in the two seconds before is not remembered.
 */
export async function contextDigest(context: BuildContext, cache?: string, now = Date.now()): Promise<string> {
  const known = cache === undefined ? {} : await readCache(cache);
  const trusted: Record<string, CachedFile> = {};
  const begun = BigInt(now) * 1_000_000n;
  const hash = createHash("sha256");
  let isChanged = false;
  for await (const { path, file, stats } of entriesOf(context)) {
    if (stats.isDirectory()) continue;
    const head = `${path}\0${sentMode(stats).toString(8)}\0`;
    if (stats.isSymbolicLink()) {
      hash.update(`${head}-> ${await readlink(file)}\0`);
      continue;
    }
    const state = stateOf(stats);
    const same = known[path]?.state === state ? known[path] : undefined;
    const digest = same?.digest ?? (await fileDigest(file, stats.size));
    hash.update(`${head}${digest}\0`);
    if (begun - stats.ctimeNs > RACY) trusted[path] = { state, digest };
    isChanged ||= same === undefined;
  }
  const isShrunk = Object.keys(known).length !== Object.keys(trusted).length;
  if (cache !== undefined && (isChanged || isShrunk)) await writeCache(cache, trusted);
  return hash.digest("hex");
}

/** The file of a project that remembers what was hashed of a context. */
export function cacheOf({ directory, dockerfile }: BuildContext): string {
  const name = createHash("sha256").update(`${directory}\0${dockerfile}`).digest("hex").slice(0, 16);
  return resolve(join(".slipway", "contexts", `${name}.json`));
}

const cachedFile = z.object({ state: z.string(), digest: z.string() });
const cacheShape = z.object({ version: z.literal(VERSION), files: z.record(z.string(), cachedFile) });

type CachedFile = z.infer<typeof cachedFile>;

/** What changes whenever a file's content does: `ctime` cannot be set back, unlike `mtime`. */
function stateOf({ size, mtimeNs, ctimeNs, ino }: BigIntStats): string {
  return [size, mtimeNs, ctimeNs, ino].join(" ");
}

async function fileDigest(file: string, size: bigint): Promise<string> {
  const hash = createHash("sha256");
  // A stream costs more than reading a small file does.
  if (size < LARGE) hash.update(await readFile(file));
  else await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

async function readCache(file: string): Promise<Record<string, CachedFile>> {
  try {
    return cacheShape.parse(JSON.parse(await readFile(file, "utf8"))).files;
  } catch {
    // There is none yet, or it is of no use: everything is read then.
    return {};
  }
}

/** A project that cannot be written to is hashed anew each time. */
async function writeCache(file: string, files: Record<string, CachedFile>): Promise<void> {
  const unfinished = `${file}.${process.pid}`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(unfinished, JSON.stringify({ version: VERSION, files }));
    await rename(unfinished, file);
  } catch {
    return;
  }
}
