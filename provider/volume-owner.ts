import { Readable } from "node:stream";
import { pack } from "tar-stream";
import { z } from "zod";
import { connect } from "./engine/engine.ts";
import { withHelper } from "./helper.ts";
import { dockerName, label } from "./names.ts";
import { checkInputs } from "./plugin/inputs.ts";
import { changedProperties, defineResource } from "./plugin/resource.ts";
import type { ResourceContext } from "./plugin/resource.ts";

const inputs = z.object({
  /** Namespace of the environment. */
  namespace: label,
  /** Volume by name. A change replaces. */
  volume: dockerName,
  /** Numeric user, with or without a group. @default root */
  owner: z
    .string()
    .regex(/^\d+(:\d+)?$/, "must be numeric")
    .optional(),
  /** Octal mode. @default "0755" */
  mode: z
    .string()
    .regex(/^[0-7]{3,4}$/, "must be octal")
    .optional(),
  /** An image that the engine has, with `sh` and `ls`; used for a moment. */
  helperImage: z.string().min(1, "must be an image reference"),
});

/** Inputs of {@link volumeOwner}. */
export type VolumeOwnerInputs = z.input<typeof inputs>;

// What root without its capabilities may not even list is not empty either.
const IS_EMPTY = '[ -z "$(ls -A /volume 2>&1)" ]';

/** Owner and mode of a volume's root, given once: as long as the volume is empty, nobody else's files are touched. */
export const volumeOwner = defineResource({
  inputs,
  state: inputs,
  check: (news) => checkInputs(inputs, news),
  diff(olds, news) {
    const changed = changedProperties(olds.inputs, news).filter((key) => key !== "helperImage");
    return { changed, replaces: changed.filter((key) => key === "volume") };
  },
  async create(news, context) {
    await give(news, context);
    return { id: news.volume, state: news };
  },
  async update(_id, _olds, news, context) {
    if (!(await give(news, context))) {
      context.warn(
        `volume ${news.volume} is not empty: whom it belongs to stays as it is; only who uses it may change that`,
      );
    }
    return news;
  },
});

/** @returns whether the volume was empty, and has its owner now. */
async function give(
  { namespace, volume, owner = "0", mode = "0755", helperImage }: z.output<typeof inputs>,
  context: ResourceContext,
) {
  const [uid = 0, gid = uid] = owner.split(":").map(Number);
  const helper = { namespace, image: helperImage, volume, path: "/volume", user: "0:0", command: [IS_EMPTY] as const };
  return withHelper(await connect(context), helper, async (container) => {
    await container.start();
    const { StatusCode } = (await container.wait()) as { StatusCode: number };
    if (StatusCode !== 0) return false;
    const archive = pack();
    // From above: of the directory that an archive is unpacked in, an engine changes nothing.
    archive.entry({ name: "volume/", type: "directory", uid, gid, mode: Number.parseInt(mode, 8) });
    archive.finalize();
    await container.putArchive(Readable.from(archive), { path: "/" });
    return true;
  });
}
