import { readFile } from "node:fs/promises";
import { posix } from "node:path";
import { Readable } from "node:stream";
import type { Container } from "dockerode";
import type { ContainerInputs } from "./container-inputs.ts";

type Upload = NonNullable<ContainerInputs["uploads"]>[number];

/** Writes the container's `uploads` into it, before it starts. */
export async function uploadFiles(container: Container, inputs: ContainerInputs): Promise<void> {
  if (inputs.uploads === undefined) return;
  const { pack } = await import("tar-stream");
  const byRoot = Map.groupBy(inputs.uploads, ({ file }) => uploadRoot(file, inputs));
  for (const [root, uploads] of byRoot) {
    const archive = pack();
    for (const upload of uploads) {
      const content = await contentOf(upload);
      archive.entry({ ...header(upload), name: posix.relative(root, upload.file), size: content.length }, content);
    }
    archive.finalize();
    await container.putArchive(Readable.from(archive), { path: root });
  }
}

/** True when a file of the container lies in one of its volumes or mounts. */
export function isInVolume(file: string, inputs: Pick<ContainerInputs, "volumes" | "mounts">): boolean {
  return volumeOf(file, inputs) !== undefined;
}

// The engine refuses an archive for a read-only root, save where it is sent to a path inside a volume.
function uploadRoot(file: string, inputs: ContainerInputs): string {
  return (inputs.readOnly === true ? volumeOf(file, inputs) : undefined) ?? "/";
}

function volumeOf(file: string, { volumes = [], mounts = [] }: Pick<ContainerInputs, "volumes" | "mounts">) {
  const targets = [...volumes.map(({ containerPath }) => containerPath), ...mounts.map(({ target }) => target)];
  return targets.filter((target) => file.startsWith(`${target}/`)).sort((a, b) => b.length - a.length)[0];
}

async function contentOf({ content, contentBase64, source }: Upload): Promise<Buffer> {
  if (content !== undefined) return Buffer.from(content);
  if (contentBase64 !== undefined) return Buffer.from(contentBase64, "base64");
  return readFile(source ?? "");
}

function header({ permissions, executable, owner, group }: Upload) {
  const mode = permissions === undefined ? (executable ? 0o744 : 0o644) : Number.parseInt(permissions, 8);
  return { mode, uid: Number(owner ?? 0), gid: Number(group ?? 0), mtime: new Date() };
}
