import type { RemoteImageArgs } from "@pulumi/docker";
import type { ImageInspectInfo } from "dockerode";
import { z } from "zod";
import { defineResource } from "../../../provider/plugin/resource.ts";
import type { Properties } from "../../../provider/plugin/resource.ts";
import { bridged } from "./bridged.ts";
import { connect, inspectIfThere, isNotFound, reasonOf, statusOf } from "../../../provider/engine/engine.ts";
import { findImage } from "../../../provider/image/pull.ts";
import { repoDigestOf } from "../../../provider/image/reference.ts";
import { RULES } from "./rules.ts";

const shape = {
  name: z.string(),
  forceRemove: z.boolean().optional(),
  keepLocally: z.boolean().optional(),
  platform: z.string().optional(),
  pullTriggers: z.array(z.string()).optional(),
  triggers: z.record(z.string(), z.string()).optional(),
} satisfies Partial<Record<keyof RemoteImageArgs, z.ZodType>>;

/** An image on the engine, pulled unless it is there. Its id is the image's id followed by its name. */
export const remoteImage = defineResource({
  inputs: z.object(shape),
  state: z.object({ name: z.string(), forceRemove: z.boolean().optional(), keepLocally: z.boolean().optional() }),
  ...bridged(RULES.remoteImage, z.strictObject(shape)),
  create: async (inputs, context) => {
    const docker = await connect(context);
    const info = await findImage(docker, inputs.name, context, inputs.platform);
    return { id: info.Id + inputs.name, state: outputs(inputs.name, info) };
  },
  // keepLocally and forceRemove only say what happens at the end.
  update: () => Promise.resolve({}),
  read: async (id, state, context, inputs) => {
    const docker = await connect(context);
    const name = typeof state.name === "string" ? state.name : id.replace(/^sha256:[0-9a-f]{64}/, "");
    const info = await inspectIfThere(docker.getImage(name));
    if (!info) return undefined;
    return { id: info.Id + name, inputs: { ...inputs, name }, state: { ...state, ...outputs(name, info) } };
  },
  delete: async (_id, { name, keepLocally, forceRemove }, context) => {
    if (keepLocally) return;
    const docker = await connect(context);
    try {
      await docker.getImage(name).remove({ force: forceRemove });
    } catch (error) {
      if (isNotFound(error)) return;
      if (statusOf(error) !== 409) throw error;
      throw new Error(`image ${name}: ${reasonOf(error)}: remove what uses it, or set keepLocally: true`, {
        cause: error,
      });
    }
  },
});

function outputs(name: string, { Id, RepoDigests }: ImageInspectInfo): Properties {
  return { name, imageId: Id, repoDigest: repoDigestOf(name, RepoDigests) };
}
