import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Store } from "./store.ts";

const UNFINISHED = ".unfinished";
const BLOCK_BYTES = 1024 * 1024;

/** Keeps backups in a directory: that of a volume, or one of the machine. */
export class DirectoryStore implements Store {
  readonly place: string;

  constructor(path: string) {
    this.place = path;
  }

  async list(folder: string): Promise<string[]> {
    const names = await readdir(join(this.place, folder)).catch((error: unknown) => {
      if (codeOf(error) === "ENOENT") return [];
      throw error;
    });
    return names.filter((name) => !name.endsWith(UNFINISHED)).sort();
  }

  async write(name: string, content: Readable): Promise<void> {
    const path = join(this.place, name);
    const unfinished = `${path}${UNFINISHED}`;
    await mkdir(dirname(path), { recursive: true });
    try {
      // 0600: a dump holds what its database keeps from others.
      await pipeline(content, createWriteStream(unfinished, { mode: 0o600, flush: true, highWaterMark: BLOCK_BYTES }));
      await rename(unfinished, path);
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    }
    await syncDirectory(dirname(path));
  }

  async read(name: string): Promise<Readable> {
    const path = join(this.place, name);
    await stat(path);
    return createReadStream(path, { highWaterMark: BLOCK_BYTES });
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.place, name), { force: true });
  }

  async sweep(folder: string): Promise<void> {
    const names = await readdir(join(this.place, folder)).catch(() => []);
    const unfinished = names.filter((name) => name.endsWith(UNFINISHED));
    await Promise.all(unfinished.map((name) => rm(join(this.place, folder, name), { force: true })));
  }
}

/** A file's new name is on the disk only when its directory is. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path);
  await directory.sync().finally(() => directory.close());
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
