import type { ImageArgs } from "@pulumi/docker";
import { z } from "zod";

const text = z.string().optional();

const build = z.strictObject({
  context: text,
  dockerfile: text,
  args: z.record(z.string(), z.string()).optional(),
  target: text,
  platform: text,
  cacheFrom: z.strictObject({ images: z.array(z.string()).optional() }).optional(),
  addHosts: z.array(z.string()).optional(),
  network: text,
  builderVersion: z.enum(["BuilderBuildKit", "BuilderV1"]).optional(),
  /** Hidden input, filled in by the check: what the context holds. */
  contextDigest: text,
});

/** Inputs of an image that the stand-in knows, named and shaped as `docker.ImageArgs` has them. */
export const imageShape = {
  imageName: z.string(),
  build: build.optional(),
  registry: z.strictObject({ server: text, username: text, password: text }).optional(),
  skipPush: z.boolean().optional(),
  buildOnPreview: z.boolean().optional(),
} satisfies Partial<Record<keyof ImageArgs, z.ZodType>>;

/** Parses the inputs of an image. */
export const imageInputs = z.object(imageShape);

/** Inputs of an image. */
export type ImageInputs = z.infer<typeof imageInputs>;
