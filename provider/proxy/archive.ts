import { buffer, text } from "node:stream/consumers";
import type Docker from "dockerode";
import { extract, pack } from "tar-stream";
import { unlessGone } from "../engine/engine.ts";

/** User and group of the proxy's processes. */
export const PROXY_USER = { uid: 99, gid: 99 };

/** A file to write, or a directory when it has no content. */
export interface ArchiveEntry {
  /** Path below the directory that the archive is unpacked in. */
  path: string;
  content?: string;
  /** Permissions. @default 0o644 for files, 0o755 for directories */
  mode?: number;
}

/** Writes files as the proxy's own user into a directory of its volume. */
export async function writeFiles(
  proxy: Docker.Container,
  directory: string,
  entries: readonly ArchiveEntry[],
): Promise<void> {
  const archive = pack();
  for (const { path, content, mode } of entries) {
    const kind =
      content === undefined ? ({ type: "directory", mode: 0o755 } as const) : ({ type: "file", mode: 0o644 } as const);
    archive.entry({ ...PROXY_USER, ...kind, name: path, mode: mode ?? kind.mode, mtime: new Date() }, content ?? "");
  }
  archive.finalize();
  await proxy.putArchive(await buffer(archive), { path: directory });
}

/** The files of a directory, by name; empty when there is no such directory. */
export async function readFiles(proxy: Docker.Container, directory: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const archive = await unlessGone(proxy.getArchive({ path: directory }));
  if (!archive) return files;
  const entries = extract();
  archive.pipe(entries);
  for await (const entry of entries) {
    const content = await text(entry);
    if (entry.header.type === "file") files.set(entry.header.name.replace(/^.*\//, ""), content);
  }
  return files;
}
