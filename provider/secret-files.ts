import { randomBytes } from "node:crypto";
import type Docker from "dockerode";
import { pack } from "tar-stream";
import { Readable } from "node:stream";
import { z } from "zod";
import { connect, unlessGone } from "./engine/engine.ts";
import { withHelper } from "./helper.ts";
import { label, labels } from "./names.ts";
import { checkInputs } from "./plugin/inputs.ts";
import { changedProperties, defineResource } from "./plugin/resource.ts";

const inputs = z.object({
  /** Namespace of the environment. */
  namespace: label,
  environment: label,
  /** What the volume's name begins with, after the namespace: whose secrets they are. */
  owner: label,
  /** Contents by file name, each in base64. Secret. A change replaces. */
  files: z.record(
    z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/, "must be a file name of letters, digits and ._-"),
    z.base64("must be base64"),
  ),
  /** Whom a file belongs to, and its octal mode, by file name. A change replaces. @default root, "0444" */
  owners: z
    .record(
      z.string(),
      z.object({
        owner: z.string().regex(/^\d+(:\d+)?$/),
        mode: z
          .string()
          .regex(/^[0-7]{3,4}$/)
          .optional(),
      }),
    )
    .optional(),
  /** An image that the engine has; a container of it reaches the volume and never runs. */
  helperImage: z.string().min(1, "must be an image reference"),
});

const state = inputs.extend({
  /** Name of the volume; computed. */
  volume: z.string(),
});

/** Inputs of {@link secretFiles}. */
export type SecretFilesInputs = z.input<typeof inputs>;

/**
 * Secrets as files in a volume that only the containers of one program mount, each readable by every user in them, as
 * Docker's own secrets are (docs.docker.com/engine/swarm/secrets, mode 0444), unless it says whom it belongs to. Another content is another volume:
 * containers that run keep what they were started with.
 */
export const secretFiles = defineResource({
  inputs,
  state,
  check: (news) => checkInputs(inputs, news),
  diff(olds, news) {
    const changed = changedProperties(olds.inputs, news).filter((key) => key !== "helperImage");
    return { changed, replaces: changed };
  },
  async create(news, context) {
    const docker = await connect(context);
    const { namespace, environment, owner } = news;
    const volume = `${namespace}-${owner}-secrets-${randomBytes(4).toString("hex").slice(0, 7)}`;
    const Labels = { [labels.namespace]: namespace, [labels.environment]: environment, [labels.role]: "secrets" };
    await docker.createVolume({ Name: volume, Labels });
    try {
      await fill(docker, volume, news);
    } catch (error) {
      await docker.getVolume(volume).remove();
      throw error;
    }
    return { id: volume, state: { ...news, volume } };
  },
  async read(id, recorded, context) {
    const docker = await connect(context);
    if (!(await unlessGone(docker.getVolume(id).inspect()))) return undefined;
    return { state: recorded };
  },
  async delete(id, _state, context) {
    const docker = await connect(context);
    await unlessGone<unknown>(docker.getVolume(id).remove());
  },
});

async function fill(
  docker: Docker,
  volume: string,
  { namespace, files, owners = {}, helperImage }: z.infer<typeof inputs>,
) {
  const archive = pack();
  for (const [name, content] of Object.entries(files)) {
    const { owner = "0", mode = "0444" } = owners[name] ?? {};
    const [uid = 0, gid = uid] = owner.split(":").map(Number);
    archive.entry({ name, uid, gid, mode: Number.parseInt(mode, 8) }, Buffer.from(content, "base64"));
  }
  archive.finalize();
  const helper = { namespace, image: helperImage, volume, path: "/volume", user: "0:0", command: ["true"] as const };
  await withHelper(docker, helper, async (container) => {
    await container.putArchive(Readable.from(archive), { path: "/volume" });
  });
}
