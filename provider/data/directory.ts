import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readdir, readlink } from "node:fs/promises";
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

/** Lists a directory's content, sorted by path. */
export async function entriesOf(directory: string): Promise<PackageEntry[]> {
  const found = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = found.map((entry) => join(entry.parentPath, entry.name).slice(join(directory, "/").length)).sort();
  const entries = [];
  for (const path of paths) entries.push(await entryOf(directory, path));
  return entries.filter((entry) => entry !== undefined);
}

/** Hashes a directory's content: paths, permissions, bytes; the same content gives the same digest anywhere. */
export async function digestOf(directory: string): Promise<string> {
  const hash = createHash("sha256");
  for (const { path, kind, mode, size, target } of await entriesOf(directory)) {
    hash.update(`${JSON.stringify([path, kind, mode, size, target])}\n`);
    if (kind === "file") await pipeline(createReadStream(join(directory, path)), hash, { end: false });
  }
  return hash.digest("hex");
}

async function entryOf(directory: string, path: string): Promise<PackageEntry | undefined> {
  const full = join(directory, path);
  const stat = await lstat(full);
  if (stat.isDirectory()) return { path, kind: "directory", mode: 0o755, size: 0, target: "" };
  if (stat.isSymbolicLink()) return { path, kind: "symlink", mode: 0o777, size: 0, target: await readlink(full) };
  // A socket or device is no content.
  if (!stat.isFile()) return undefined;
  return { path, kind: "file", mode: stat.mode & 0o100 ? 0o755 : 0o644, size: stat.size, target: "" };
}
