import { z } from "zod";
import { projectPath } from "./build-shape.ts";
import { must } from "./rules.ts";

/** What a new database begins with, as `seed("…")` and `clone("…")` make it. */
export const dataShape = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({ kind: z.literal("seed"), file: projectPath }),
    z.strictObject({
      kind: z.literal("clone"),
      stack: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, must("be the name of a stack")),
      sanitize: projectPath.optional(),
    }),
  ],
  must('be seed("file.sql") or clone("prod")'),
);
