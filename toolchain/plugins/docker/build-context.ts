import dockerignore from "@balena/dockerignore";
import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { Dirent, Stats } from "node:fs";
import { lstat, readFile, readdir, readlink } from "node:fs/promises";
import { basename, join, posix, relative, resolve, sep } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Pack } from "tar-stream";

/** What an image is built from: two absolute paths. */
export interface BuildContext {
  directory: string;
  dockerfile: string;
}

interface Entry {
  /** Path in the context, with forward slashes. */
  path: string;
  file: string;
  stats: Stats;
}

const ALL_KEPT = () => true;

/** Resolves `build.context` and `build.dockerfile`, which are relative to where Pulumi runs, with their defaults. */
export function buildContext(build: { context?: string; dockerfile?: string } = {}): BuildContext {
  const directory = resolve(build.context ?? ".");
  return {
    directory,
    dockerfile: build.dockerfile === undefined ? join(directory, "Dockerfile") : resolve(build.dockerfile),
  };
}

/**
 * Hashes a context: path, mode and content of each file that the build gets to see. Links count by where they point to.
 * Files are read one by one, so that a large context takes no more memory than a small one.
 */
export async function contextDigest(context: BuildContext): Promise<string> {
  const hash = createHash("sha256");
  for await (const entry of entriesOf(context)) {
    const { path, file, stats } = entry;
    if (stats.isDirectory()) continue;
    hash.update(`${path}\0${(stats.mode & 0o7777).toString(8)}\0`);
    if (stats.isSymbolicLink()) hash.update(`-> ${await readlink(file)}\0`);
    else await hashFile(hash, file, stats.size);
  }
  return hash.digest("hex");
}

/** Streams a context as the tar archive that an engine builds from. */
export async function contextArchive(context: BuildContext): Promise<Readable> {
  const { pack } = await import("tar-stream");
  const archive = pack();
  writeEntries(archive, context).then(
    () => {
      archive.finalize();
    },
    (error: unknown) => {
      archive.destroy(error instanceof Error ? error : new Error(String(error)));
    },
  );
  return Readable.from(archive);
}

/** The Dockerfile's name in the archive; one that lies outside the context is put into it under a name of its own. */
export function dockerfileInArchive({ directory, dockerfile }: BuildContext): string {
  const path = relative(directory, dockerfile);
  return path.startsWith("..") ? `.slipway-${basename(dockerfile)}` : toPosix(path);
}

async function writeEntries(archive: Pack, context: BuildContext): Promise<void> {
  for await (const { path, file, stats } of entriesOf(context)) {
    const header = { name: path, mode: stats.mode & 0o7777, mtime: stats.mtime };
    if (stats.isDirectory()) archive.entry({ ...header, type: "directory" });
    else if (stats.isSymbolicLink()) archive.entry({ ...header, type: "symlink", linkname: await readlink(file) });
    else await pipeline(createReadStream(file), archive.entry({ ...header, size: stats.size }));
  }
}

/** Everything in the context that .dockerignore keeps, and the Dockerfile in any case, sorted by path. */
async function* entriesOf(context: BuildContext): AsyncGenerator<Entry> {
  const { kept, mayHideKept } = await ignoreRules(context);
  const dockerfilePath = dockerfileInArchive(context);
  if (dockerfilePath.startsWith(".slipway-") || !kept(dockerfilePath)) {
    yield { path: dockerfilePath, file: context.dockerfile, stats: await lstat(context.dockerfile) };
  }
  yield* walk("");

  async function* walk(directory: string): AsyncGenerator<Entry> {
    const children = await readdir(join(context.directory, directory), { withFileTypes: true });
    for (const child of children.sort(byName)) {
      const path = posix.join(directory, child.name);
      const file = join(context.directory, path);
      const isKept = kept(path);
      const isSent = child.isDirectory() || child.isFile() || child.isSymbolicLink();
      if (isKept && isSent) yield { path, file, stats: await lstat(file) };
      if (child.isDirectory() && (isKept || mayHideKept)) yield* walk(path);
    }
  }
}

async function ignoreRules({ directory, dockerfile }: BuildContext) {
  const rules =
    (await readIfThere(`${dockerfile}.dockerignore`)) ?? (await readIfThere(join(directory, ".dockerignore")));
  if (rules === undefined) return { kept: ALL_KEPT, mayHideKept: false };
  const kept = dockerignore.default({ ignorecase: false }).add(rules).createFilter();
  // A directory that is left out may still hold what a `!` rule takes back in.
  return { kept, mayHideKept: /^\s*!/m.test(rules) };
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

async function hashFile(hash: Hash, file: string, size: number): Promise<void> {
  hash.update(`${size}\0`);
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
}

function byName(a: Dirent, b: Dirent): number {
  return a.name < b.name ? -1 : 1;
}

function toPosix(path: string): string {
  return path.split(sep).join("/");
}
