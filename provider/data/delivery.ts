import type Docker from "dockerode";
import { unlessGone } from "../engine/engine.ts";
import { runHelper, withHelper } from "../helper.ts";
import type { Helper } from "../helper.ts";
import { archiveOf } from "./archive.ts";

/** Where a package goes, and with what. */
export interface Delivery {
  namespace: string;
  volume: string;
  directory: string;
  helperImage: string;
  digest: string;
}

/** Versions that stay in a volume, the one that is served included. */
export const KEPT_VERSIONS = 3;

// What arrives gets its place in one step, so that a version is whole or not there. `mv -T` replaces the link in one step, so
// that a reader sees the old content or the new, never none. The version in use is the newest by its directory's time; those
// before the last few go.
const SWITCH = `cd /volume || exit
mkdir -p versions
if [ -d "incoming/$1" ] && [ "$(readlink current)" != "versions/$1" ]; then
  rm -rf "versions/$1" && mv -T "incoming/$1" "versions/$1" || exit
fi
rm -rf incoming
if ! [ -d "versions/$1" ]; then echo "there is no version $1; there are: $(ls -1t versions | tr '\\n' ' ')"; exit 1; fi
touch "versions/$1" && ln -sfn "versions/$1" current.new && mv -fT current.new current &&
ls -1t versions | tail -n +$(($2 + 1)) | while read -r old; do rm -rf "versions/$old"; done`;

/** Copies a directory into the volume as a version of its own, then switches `current` to it. */
export async function deliver(docker: Docker, delivery: Delivery): Promise<void> {
  await withHelper(docker, helperFor(delivery), async (helper) => {
    await helper.putArchive(archiveOf(delivery.directory, `incoming/${delivery.digest}`), { path: "/volume" });
    await runSwitch(helper, delivery);
  });
}

/**
 * Switches `current` to a version that the volume has.
 *
 * @throws {Error} with those that it has, when it is none of them.
 */
export async function switchBack(docker: Docker, delivery: Delivery): Promise<void> {
  await withHelper(docker, helperFor(delivery), (helper) => runSwitch(helper, delivery));
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

function runSwitch(helper: Docker.Container, { volume }: Delivery): Promise<void> {
  return runHelper(helper, `the data package in volume ${volume} was not switched`);
}

function helperFor({ namespace, volume, helperImage, digest }: Delivery): Helper {
  const command = [SWITCH, digest, String(KEPT_VERSIONS)] as const;
  return { namespace, image: helperImage, volume, path: "/volume", user: "0:0", command };
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
