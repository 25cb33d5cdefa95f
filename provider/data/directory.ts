import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readFile, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

/** A file, directory or symlink of a package. */
export interface PackageEntry {
  /** Path below the package, with `/`. */
  path: string;
  kind: "file" | "directory" | "symlink";
  /** Permissions as they are delivered: readable by every user, whatever the checkout's umask was. */
  mode: number;
  /** Bytes of a file. */
  size: number;
  /** Target of a symlink. */
  target: string;
}

/** An entry, with its content where that is small enough to be held. */
export interface ReadEntry extends PackageEntry {
  /** Bytes of a small file; undefined for a large one and for what is no file. */
  content: Buffer | undefined;
}

/** So many entries are looked at and read at a time: reading one by one is mostly waiting. */
const AT_ONCE = 32;
/** What is larger is streamed, so that a large package takes no more memory than a small one. */
const LARGE_BYTES = 1_048_576;

/** Reads a directory's content, sorted by path, a few entries ahead. */
export async function* entriesOf(directory: string): AsyncGenerator<ReadEntry> {
  const found = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = found.map((entry) => join(entry.parentPath, entry.name).slice(join(directory, "/").length)).sort();
  for (let start = 0; start < paths.length; start += AT_ONCE) {
    const read = paths.slice(start, start + AT_ONCE).map((path) => entryOf(directory, path));
    yield* (await Promise.all(read)).filter((entry) => entry !== undefined);
  }
}

/** Hashes a directory's content: paths, permissions, bytes; the same content gives the same digest anywhere. */
export async function digestOf(directory: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const { path, kind, mode, size, target, content } of entriesOf(directory)) {
    hash.update(`${JSON.stringify([path, kind, mode, size, target])}\n`);
    if (content) hash.update(content);
    else if (kind === "file") await pipeline(createReadStream(join(directory, path)), hash, { end: false });
  }
  return hash.digest("hex");
}

async function entryOf(directory: string, path: string): Promise<ReadEntry | undefined> {
  const full = join(directory, path);
  const stat = await lstat(full);
  const none = { path, size: 0, target: "", content: undefined };
  if (stat.isDirectory()) return { ...none, kind: "directory", mode: 0o755 };
  if (stat.isSymbolicLink()) return { ...none, kind: "symlink", mode: 0o777, target: await readlink(full) };
  // A socket or device is no content.
  if (!stat.isFile()) return undefined;
  const content = stat.size < LARGE_BYTES ? await readFile(full) : undefined;
  return {
    ...{ path, kind: "file", mode: stat.mode & 0o100 ? 0o755 : 0o644, target: "", content },
    // What was read is what is sent, also when the file has grown meanwhile.
    size: content?.length ?? stat.size,
  };
}
