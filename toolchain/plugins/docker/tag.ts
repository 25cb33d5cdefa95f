import type { TagArgs } from "@pulumi/docker";
import { z } from "zod";
import { defineResource } from "../../../provider/plugin/resource.ts";
import { bridged } from "./bridged.ts";
import { connect } from "../../../provider/engine/engine.ts";
import { parseReference } from "../../../provider/image/reference.ts";
import { RULES } from "./rules.ts";

const shape = {
  sourceImage: z.string(),
  targetImage: z.string(),
  tagTriggers: z.array(z.string()).optional(),
} satisfies Partial<Record<keyof TagArgs, z.ZodType>>;

/** A second name for a local image. As with the official plugin, it stays when the resource goes, and no drift is seen. */
export const tag = defineResource({
  inputs: z.object(shape),
  state: z.object({}),
  ...bridged(RULES.tag, z.strictObject(shape)),
  create: async ({ sourceImage, targetImage }, context) => {
    const docker = await connect(context);
    const source = docker.getImage(sourceImage);
    const { Id } = await source.inspect();
    const target = parseReference(targetImage);
    await source.tag({ repo: target.repository, tag: target.tag ?? "latest" });
    return { id: `${sourceImage}.${targetImage}`, state: { sourceImageId: Id } };
  },
});
