import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type Docker from "dockerode";
import { extract } from "tar-stream";
import { z } from "zod";

/** What a layer holds of one path, without its date, and the date. */
export interface LayerEntry {
  /** All that counts: kind, mode, owner, target, content. */
  what: string;
  /** Seconds since 1970. */
  date: number;
}

/** A layer of an image. */
export interface ImageLayer {
  /** `sha256:…` of its content. */
  digest: string;
  /** What made it, as the builder wrote it down. */
  instruction: string;
  /** By path. */
  entries: Map<string, LayerEntry>;
}

const manifestShape = z.array(z.object({ Config: z.string(), Layers: z.array(z.string()) })).min(1);
const configShape = z.object({
  rootfs: z.object({ diff_ids: z.array(z.string()) }),
  history: z.array(z.object({ created_by: z.string().default(""), empty_layer: z.boolean().default(false) })),
});

/** The layers of an image of the engine, the lowest first. */
export async function layersOf(docker: Docker, image: string): Promise<ImageLayer[]> {
  const files = new Map<string, Buffer>();
  const layers = new Map<string, Map<string, LayerEntry>>();
  const archive = extract();
  (await docker.getImage(image).get()).pipe(archive);
  for await (const entry of archive) {
    const { name, linkname } = entry.header;
    if (name.endsWith(".json")) files.set(name, await buffer(entry));
    else if (name.endsWith("layer.tar")) {
      // A layer that another image has as well is a link to that one's.
      const linked = typeof linkname === "string" ? layers.get(linkname.replace(/^(\.\.\/)+/, "")) : undefined;
      layers.set(name, linked ?? (await entriesOf(entry)));
      entry.resume();
    } else entry.resume();
  }
  const [{ Config, Layers } = { Config: "", Layers: [] }] = manifestShape.parse(jsonOf(files.get("manifest.json")));
  const { rootfs, history } = configShape.parse(jsonOf(files.get(Config)));
  const made = history.filter((step) => !step.empty_layer);
  return Layers.map((name, index) => ({
    digest: rootfs.diff_ids[index] ?? "",
    instruction: made[index]?.created_by ?? "",
    entries: layers.get(name) ?? new Map<string, LayerEntry>(),
  }));
}

async function entriesOf(layer: AsyncIterable<unknown>): Promise<Map<string, LayerEntry>> {
  const entries = new Map<string, LayerEntry>();
  const archive = extract();
  Readable.from(layer).pipe(archive);
  for await (const entry of archive) {
    const { name, type, mode, uid, gid, linkname, mtime } = entry.header;
    const hash = createHash("sha256");
    for await (const chunk of entry as AsyncIterable<Buffer>) hash.update(chunk);
    const what = JSON.stringify([type, mode, uid, gid, linkname, hash.digest("hex")]);
    entries.set(`/${name.replace(/\/$/, "")}`, { what, date: Math.floor(Number(mtime) / 1000) });
  }
  return entries;
}

function jsonOf(file: Buffer | undefined): unknown {
  return JSON.parse(file?.toString() ?? "null");
}
