import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { BuildContext } from "./build-context.ts";

/** What is known of the sources of an image. */
export interface Revision {
  /** The last commit that changed the context, `-dirty` where the work tree differs from it. */
  revision: string;
  /** When it was made, in ISO 8601. */
  created: string;
  /** Address of the repository, without credentials; undefined where it has no `origin`. */
  source: string | undefined;
}

/**
 * Asks git which commit a context comes from: the last one that changed it, so that commits elsewhere make no other image.
 * Undefined outside of a repository, and for what was never committed.
 */
export async function revisionOf({ directory, dockerfile }: BuildContext): Promise<Revision | undefined> {
  const paths = ["--", directory, dockerfile];
  const [last, changes, origin] = await Promise.all([
    git(directory, "log", "-1", "--format=%H %cI", ...paths),
    git(directory, "status", "--porcelain", ...paths),
    git(directory, "remote", "get-url", "origin"),
  ]);
  const [commit, created] = last?.split(" ") ?? [];
  if (commit === undefined || created === undefined) return undefined;
  const revision = changes === "" ? commit : `${commit}-dirty`;
  return { revision, created: new Date(created).toISOString(), source: origin && sourceUrl(origin) };
}

/** Labels of an image by the names of the OCI (opencontainers/image-spec, annotations.md). */
export async function ociLabels(
  context: BuildContext,
  revision: Revision | undefined,
  base: { name: string; digest: string | undefined } | undefined,
): Promise<Record<string, string>> {
  const all = {
    "org.opencontainers.image.base.digest": base?.digest,
    "org.opencontainers.image.base.name": base?.name,
    "org.opencontainers.image.created": revision?.created,
    "org.opencontainers.image.revision": revision?.revision,
    "org.opencontainers.image.source": revision?.source,
    "org.opencontainers.image.version": await packageVersion(context.directory),
  };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** Spells the address of a repository as browsers take it: `git@host:group/project.git` is `https://host/group/project`. */
export function sourceUrl(origin: string): string {
  const written = /^(?:ssh:\/\/)?git@([^:/]+)(?::\d+)?[:/](.+)$/.exec(origin);
  const url = written ? `https://${written[1] ?? ""}/${written[2] ?? ""}` : origin;
  const parsed = URL.parse(url);
  if (parsed === null) return url;
  parsed.username = "";
  parsed.password = "";
  return parsed.href.replace(/\.git$/, "");
}

async function packageVersion(directory: string): Promise<string | undefined> {
  const text = await readFile(join(directory, "package.json"), "utf8").catch(() => "{}");
  const manifest: unknown = JSON.parse(text);
  if (typeof manifest !== "object" || manifest === null || !("version" in manifest)) return undefined;
  return typeof manifest.version === "string" ? manifest.version : undefined;
}

/** What git prints; undefined where it fails, or there is none. */
async function git(directory: string, ...args: string[]): Promise<string | undefined> {
  const result = await promisify(execFile)("git", args, { cwd: directory }).catch(() => undefined);
  return result?.stdout.trim();
}
