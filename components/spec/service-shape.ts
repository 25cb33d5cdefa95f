import { z } from "zod";
import { buildShape } from "./build-shape.ts";
import { accessToDatabaseShape } from "./database-shape.ts";
import { hostDirectory, mountsShape, userText } from "./mount-shape.ts";
import { routeShape } from "./route-shape.ts";
import { decimal, dnsName, flag, integer, must, settings, text } from "./rules.ts";
import { secretFilesShape, secretShape } from "./secret-shape.ts";
import { CAPABILITIES } from "./service-input.ts";

const DIGEST = /^[a-z0-9][a-z0-9._:/-]*(?::[\w][\w.-]*)?@sha256:[a-f0-9]{64}$/;
const HEALTH_PATH = /^\/[A-Za-z0-9._~%/?&=+:@,-]*$/;

/** A link as `link("…")` makes it. */
export const linkShape = z.strictObject({ kind: z.literal("link"), service: z.string() });

/** A program with its arguments. */
export const commandList = z
  .array(z.string().min(1, must("be a program and its arguments")), must('be a list such as ["node", "check.js"]'))
  .min(1, must('be a list such as ["node", "check.js"]'))
  .readonly();

/** An image by digest. */
export const digestReference = text(
  (value) => DIGEST.test(value),
  "be an image by digest, name@sha256:…",
  "a tag can be moved to other content, a digest cannot; docker pull prints it",
);

/** An image that is made elsewhere: by digest, or as `fromStack("…", "…")` makes it. */
const imageShape = z.union(
  [digestReference, z.strictObject({ kind: z.literal("stack"), stack: z.string(), service: z.string() })],
  must('be an image by digest, name@sha256:…, or fromStack("…", "…")'),
);

/** Names of what comes first. */
export const nameList = z
  .array(z.string(must("be a name")), must('be a list of names, such as ["migrate"]'))
  .readonly()
  .default([]);

/** Shape of a service: each setting by itself. How they go together is checked in relations.ts. */
export const serviceShape = settings("a service", {
  build: buildShape.optional(),
  image: imageShape.optional(),
  port: integer(1, 65535).optional(),
  routes: z.array(routeShape, must("be a list of routes")).readonly().default([]),
  replicas: integer(1, 50).default(1),
  sticky: flag().default(false),
  rolling: integer(1, 50).optional(),
  exclusive: flag().default(false),
  env: z
    .record(
      z.string(),
      z.union(
        [z.string(), linkShape, secretShape],
        must('be text, link("…"), secret("…"), generated("…") or secretFile("…")', "put quotes around numbers"),
      ),
      must("be an object of environment variables by name"),
    )
    .default({}),
  secrets: secretFilesShape.default({}),
  database: accessToDatabaseShape.optional(),
  mounts: mountsShape.default({}),
  health: settings("a health check", {
    path: text(
      (value) => HEALTH_PATH.test(value),
      "be a path that begins with / and has no spaces, quotes or fragments",
    ).optional(),
    command: commandList.optional(),
    host: dnsName().optional(),
    everySeconds: integer(1, 300, "seconds").default(1),
    timeoutSeconds: integer(1, 60, "seconds").default(3),
    failures: integer(1, 10).default(3),
  }).optional(),
  steadySeconds: integer(0, 3600, "seconds").optional(),
  memoryMb: integer(16, 1_048_576, "MiB").default(256),
  cpus: decimal(0.01, 1024).default(0.5),
  pidsLimit: integer(1, 4_194_304).default(200),
  user: userText.optional(),
  before: nameList,
  waitsFor: nameList,
  drainSeconds: integer(0, 3600, "seconds").default(30),
  gateSeconds: integer(1, 3600, "seconds").default(60),
  stopSeconds: integer(1, 3600, "seconds").default(10),
  relax: settings("relax", {
    writableRootFilesystem: flag().default(false),
    capabilities: z
      .array(z.enum(CAPABILITIES, must(`be one of ${CAPABILITIES.join(", ")}`)), must("be a list of capabilities"))
      .readonly()
      .default([]),
    allowRoot: flag().default(false),
    hostDirectories: z.array(hostDirectory, must("be a list of directories")).readonly().default([]),
  }).prefault({}),
});
