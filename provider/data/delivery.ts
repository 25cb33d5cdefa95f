import { createReadStream } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type Docker from "dockerode";
import { pack } from "tar-stream";
import type { Pack } from "tar-stream";
import { unlessGone } from "../engine/engine.ts";
import { runHelper, withHelper } from "../helper.ts";
import type { Helper } from "../helper.ts";
import { entriesOf } from "./directory.ts";

/** Where a package goes, and with what. */
export interface Delivery {
  namespace: string;
  volume: string;
  directory: string;
  helperImage: string;
  digest: string;
}

const KEPT_VERSIONS = 3;
// `mv -T` replaces the link in one step, so that a reader sees the old content or the new, never none. The version in
// use is the newest by its directory's time; those before the last few go.
const SWITCH = `cd /volume && touch "versions/$1" && ln -sfn "versions/$1" current.new && mv -fT current.new current &&
ls -1t versions | tail -n +$(($2 + 1)) | while read -r old; do rm -rf "versions/$old"; done`;

/** Copies a directory into the volume as a version of its own, then switches `current` to it. */
export async function deliver(docker: Docker, delivery: Delivery): Promise<void> {
  await withHelper(docker, helperFor(delivery), async (helper) => {
    const archive = pack();
    const sent = helper.putArchive(Readable.from(archive), { path: "/volume" });
    await Promise.all([packVersion(archive, delivery), sent]);
    await runHelper(helper, `the data package in volume ${delivery.volume} was not switched`);
  });
}

/** The digest that `current` of the volume leads to; undefined when the volume, the link or its target is gone. */
export async function currentDigest(docker: Docker, delivery: Delivery): Promise<string | undefined> {
  // Making the helper would make the volume anew.
  if (!(await unlessGone(docker.getVolume(delivery.volume).inspect()))) return undefined;
  return withHelper(docker, helperFor(delivery), async (helper) => {
    const target = await linkTarget(helper, "/volume/current");
    const digest = /(?:^|\/)versions\/([0-9a-f]+)$/.exec(target ?? "")?.[1];
    if (digest === undefined || (await linkTarget(helper, `/volume/versions/${digest}`)) === undefined)
      return undefined;
    return digest;
  });
}

function helperFor({ namespace, volume, helperImage, digest }: Delivery): Helper {
  const command = [SWITCH, digest, String(KEPT_VERSIONS)] as const;
  return { namespace, image: helperImage, volume, path: "/volume", user: "0:0", command };
}

async function packVersion(archive: Pack, { directory, digest }: Delivery): Promise<void> {
  const root = `versions/${digest}`;
  archive.entry({ name: "versions/", type: "directory", mode: 0o755 });
  archive.entry({ name: `${root}/`, type: "directory", mode: 0o755 });
  for (const { path, kind, mode, size, target } of await entriesOf(directory)) {
    const header = { name: `${root}/${path}`, type: kind, mode, size, linkname: target };
    if (kind === "file") await pipeline(createReadStream(join(directory, path)), archive.entry(header));
    else archive.entry(header);
  }
  archive.finalize();
}

/** Where a link leads, or an empty string for what is no link; undefined when there is nothing. */
async function linkTarget(container: Docker.Container, path: string): Promise<string | undefined> {
  const found = await unlessGone(
    container.infoArchive({ path }) as Promise<{ headers: Record<string, string | undefined> }>,
  );
  if (!found) return undefined;
  const stat = Buffer.from(found.headers["x-docker-container-path-stat"] ?? "", "base64").toString();
  return (JSON.parse(stat) as { linkTarget: string }).linkTarget;
}
