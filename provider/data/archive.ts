import { createReadStream } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { pack } from "tar-stream";
import type { Header, Pack } from "tar-stream";
import { entriesOf } from "./directory.ts";

/** Small files come in small pieces, each of which would be a write of its own on the way to the engine. */
const PIECE_BYTES = 262_144;

/** A directory as a tar archive, below `root`. */
export function archiveOf(directory: string, root: string): Readable {
  const archive = pack();
  write(archive, directory, root).catch((error: unknown) => {
    archive.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  return Readable.from(inPieces(archive));
}

async function write(archive: Pack, directory: string, root: string): Promise<void> {
  const parents = root.split("/").map((_, index, names) => names.slice(0, index + 1).join("/"));
  for (const name of parents) archive.entry({ name: `${name}/`, type: "directory", mode: 0o755 });
  for await (const { path, kind, mode, size, target, content } of entriesOf(directory)) {
    const header = { name: `${root}/${path}`, type: kind, mode, size, linkname: target };
    if (content) await add(archive, header, content);
    else if (kind === "file") await pipeline(createReadStream(join(directory, path)), archive.entry(header));
    else archive.entry(header);
  }
  archive.finalize();
}

/** Waits until the archive takes more, so that memory stays flat. */
function add(archive: Pack, header: Partial<Header> & Pick<Header, "name">, content: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    archive.entry(header, content, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

async function* inPieces(archive: Pack): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of archive as AsyncIterable<Buffer>) {
    held.push(chunk);
    bytes += chunk.length;
    if (bytes < PIECE_BYTES) continue;
    yield Buffer.concat(held);
    held = [];
    bytes = 0;
  }
  yield Buffer.concat(held);
}
