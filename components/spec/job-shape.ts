import { z } from "zod";
import { flag, integer, must, settings } from "./rules.ts";
import { scheduleText, timeZoneText } from "./schedule-shape.ts";
import { serviceShape } from "./service-shape.ts";

const { build, image, env, secrets, database, mounts, memoryMb, cpus, pidsLimit, user, waitsFor, relax } =
  serviceShape.shape;

/** Shape of a job: each setting by itself. How they go together is checked in job-relations.ts. */
export const jobShape = settings("a job", {
  build,
  image,
  service: z.string(must("be the name of a service")).optional(),
  command: z
    .array(z.string(must("be text")), must('be a list of words, such as ["node", "backup.ts"]'))
    .nonempty(must("name a program"))
    .readonly()
    .optional(),
  schedule: scheduleText().optional(),
  timeZone: timeZoneText().default("UTC"),
  timeoutSeconds: integer(1, 86_400, "seconds").optional(),
  catchUp: flag().default(false),
  env,
  secrets,
  database,
  mounts,
  memoryMb,
  cpus,
  pidsLimit,
  user,
  waitsFor,
  relax,
});
