import { z } from "zod";
import { flag, must, settings, text } from "./rules.ts";
import { secretShape } from "./secret-shape.ts";
import type { BuildInput } from "./service-input.ts";

const PLATFORM = /^[a-z0-9]+\/[a-z0-9]+(\/v[0-9]+)?$/;

/** A directory or file of the project, by a path relative to its root. */
export const projectPath = text((value) => value.trim() !== "", "be a path relative to the project");

/** A base image as `base("…")` makes it. */
const baseImage = z.strictObject({ kind: z.literal("base"), name: z.string() });

/** The settings of a build. */
export const buildSettings = {
  context: projectPath,
  dockerfile: text((value) => value.trim() !== "", "be a path relative to the context").default("Dockerfile"),
  target: text((value) => /^[\w.-]+$/.test(value), "be the name of a stage in the Dockerfile").optional(),
  args: z
    .record(
      z.string(),
      z.union([z.string(), baseImage], must('be text or base("…")', "put quotes around numbers")),
      must("be an object of build arguments by name"),
    )
    .default({}),
  secrets: z
    .record(
      text((value) => /^[\w.-]+$/.test(value), "be an id of letters, digits, '_', '.' and '-'"),
      secretShape,
      must("be an object of secrets by id"),
    )
    .default({}),
  platform: text((value) => PLATFORM.test(value), "be a platform such as linux/amd64 or linux/arm64").optional(),
  cache: flag().default(false),
};

/** What an image is built from: a directory, or an object of settings. */
export const buildShape = z.preprocess(
  (build: string | BuildInput) => (typeof build === "string" && build.trim() !== "" ? { context: build } : build),
  settings(
    "a build",
    buildSettings,
    'be a directory of the project, or an object such as { context: "web", target: "prod" }',
  ),
);
