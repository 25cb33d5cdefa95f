import { Cron } from "croner";
import { z } from "zod";
import { flag, integer, must, settings, text } from "./rules.ts";
import { serviceShape } from "./service-shape.ts";

const { build, image, env, secrets, database, mounts, memoryMb, cpus, pidsLimit, user, waitsFor, relax } =
  serviceShape.shape;
const SCHEDULE_RULE = 'be five fields of cron that come around, such as "0 3 * * *" for three at night';

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
  schedule: text(isSchedule, SCHEDULE_RULE).optional(),
  timeZone: text(isTimeZone, 'be a time zone of the IANA database, such as "Europe/Paris"').default("UTC"),
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

function isSchedule(value: string): boolean {
  // croner takes names such as @daily for a whole schedule; cron's five fields say it as well.
  if (value.split(" ").length !== 5) return false;
  try {
    return Boolean(new Cron(value, { mode: "5-part", paused: true, timezone: "UTC" }).nextRun());
  } catch {
    return false;
  }
}

function isTimeZone(value: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: value }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
