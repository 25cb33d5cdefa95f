import dockerignore from "@balena/dockerignore";
import { createReadStream } from "node:fs";
import type { BigIntStats, Dirent } from "node:fs";
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

/** A file, directory or link of a context. */
export interface ContextEntry {
  /** Path in the context, with forward slashes. */
  path: string;
  /** Where it is on this machine. */
  file: string;
  stats: BigIntStats;
}

/** The date of everything that is sent, as ZIP archives can hold none before: the time of a checkout is no content. */
const SENT_AT = new Date("1980-01-01T00:00:01Z");

/** Holds the state and its passphrase, where the project itself is the context. */
const NEVER_SENT = ".slipway";

const isSendable = (path: string) => path !== NEVER_SENT && !path.startsWith(`${NEVER_SENT}/`);

/** Resolves `build.context` and `build.dockerfile`, which are relative to where Pulumi runs, with their defaults. */
export function buildContext(build: { context?: string; dockerfile?: string } = {}): BuildContext {
  const directory = resolve(build.context ?? ".");
  return {
    directory,
    dockerfile: build.dockerfile === undefined ? join(directory, "Dockerfile") : resolve(build.dockerfile),
  };
}

/** Streams a context as the tar archive that an engine builds from: the same content is the same bytes everywhere. */
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

/** Permissions as they are sent: executable or not, and readable by every user, whatever the checkout's umask was. */
export function sentMode(stats: BigIntStats): number {
  return stats.isDirectory() || (stats.mode & 0o100n) !== 0n ? 0o755 : 0o644;
}

async function writeEntries(archive: Pack, context: BuildContext): Promise<void> {
  for await (const { path, file, stats } of entriesOf(context)) {
    const header = { name: path, mode: sentMode(stats), mtime: SENT_AT };
    if (stats.isDirectory()) archive.entry({ ...header, type: "directory" });
    else if (stats.isSymbolicLink()) archive.entry({ ...header, type: "symlink", linkname: await readlink(file) });
    else await pipeline(createReadStream(file), archive.entry({ ...header, size: Number(stats.size) }));
  }
}

/** Everything in the context that .dockerignore keeps, and the Dockerfile in any case, sorted by path. */
export async function* entriesOf(context: BuildContext): AsyncGenerator<ContextEntry> {
  const { kept, mayHideKept } = await ignoreRules(context);
  const dockerfilePath = dockerfileInArchive(context);
  if (dockerfilePath.startsWith(".slipway-") || !kept(dockerfilePath)) {
    yield { path: dockerfilePath, file: context.dockerfile, stats: await lstat(context.dockerfile, { bigint: true }) };
  }
  yield* walk("");

  async function* walk(directory: string): AsyncGenerator<ContextEntry> {
    const children = await readdir(join(context.directory, directory), { withFileTypes: true });
    const sent = children.filter((child) => child.isDirectory() || child.isFile() || child.isSymbolicLink());
    const named = sent.sort(byName).map((child) => ({ child, path: posix.join(directory, child.name) }));
    const entries = await Promise.all(
      named.map(async ({ child, path }) => {
        const file = join(context.directory, path);
        return {
          child,
          path,
          entry: kept(path) ? { path, file, stats: await lstat(file, { bigint: true }) } : undefined,
        };
      }),
    );
    for (const { child, path, entry } of entries) {
      if (entry) yield entry;
      if (child.isDirectory() && (entry || mayHideKept)) yield* walk(path);
    }
  }
}

async function ignoreRules({ directory, dockerfile }: BuildContext) {
  const rules =
    (await readIfThere(`${dockerfile}.dockerignore`)) ?? (await readIfThere(join(directory, ".dockerignore")));
  if (rules === undefined) return { kept: isSendable, mayHideKept: false };
  const kept = dockerignore.default({ ignorecase: false }).add(rules).createFilter();
  // A directory that is left out may still hold what a `!` rule takes back in.
  return { kept: (path: string) => isSendable(path) && kept(path), mayHideKept: /^\s*!/m.test(rules) };
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function byName(a: Dirent, b: Dirent): number {
  return a.name < b.name ? -1 : 1;
}

function toPosix(path: string): string {
  return path.split(sep).join("/");
}
