import type Docker from "dockerode";
import { exec } from "../../provider/engine/exec.ts";
import { ExitCode, UserError } from "../errors.ts";
import type { RegistryApi, StoredManifest } from "./api.ts";
import type { StoredImage } from "./retention.ts";
import { READ_ONLY_SECONDS } from "./writes.ts";

const MARKED = /^(\S+): marking manifest (sha256:[0-9a-f]{64})/gm;

/** What a registry has. */
export interface Inventory {
  images: StoredImage[];
  /** Sizes in bytes of the blobs of each image, by `repository@digest`. */
  blobs: Map<string, StoredManifest["blobs"]>;
}

/** Lists every image of the registry, those without a tag as well, whatever it stores them in. */
export async function takeInventory(container: Docker.Container, api: RegistryApi): Promise<Inventory> {
  const inventory: Inventory = { images: [], blobs: new Map() };
  // The registry's own collection fails where nothing was ever stored.
  if (await api.isEmpty()) return inventory;
  const marked = [...(await collect(container, ["--dry-run"])).matchAll(MARKED)];
  const byRepository = Map.groupBy(marked, ([, repository = ""]) => repository);
  for (const [repository, lines] of byRepository) {
    const tags = await api.tags(repository);
    for (const digest of new Set(lines.map(([, , digest = ""]) => digest))) {
      const { built, blobs, children } = await api.manifest(repository, digest);
      const own = [...tags].flatMap(([tag, target]) => (target === digest ? [tag] : [])).sort();
      inventory.images.push({ repository, digest, tags: own, built, children });
      inventory.blobs.set(`${repository}@${digest}`, blobs);
    }
  }
  return inventory;
}

/** Removes the blobs that no image refers to any more; nothing may be written meanwhile. */
export async function removeBlobs(container: Docker.Container): Promise<void> {
  await collect(container, []);
}

async function collect(container: Docker.Container, flags: readonly string[]): Promise<string> {
  const { Args: args } = await container.inspect();
  const configuration = args.at(-1) ?? "";
  // Over before writes are let in again, whatever becomes of who waits for it.
  const limit = ["timeout", String(READ_ONLY_SECONDS - 60)];
  const { code, stdout, stderr } = await exec(container, [
    ...limit,
    ...["registry", "garbage-collect", ...flags, configuration],
  ]);
  if (code === 0) return stdout;
  const lines = `${stdout}\n${stderr}`.trim().split("\n").slice(-5).join("\n");
  throw new UserError(
    `the registry's own garbage collection ended with exit code ${code}:\n${lines}`,
    "See `docker logs` of the registry's container. What is deployed was not touched.",
    ExitCode.failed,
  );
}
