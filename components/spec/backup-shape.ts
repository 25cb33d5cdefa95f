import { z } from "zod";
import type { Backup, BackupPlace } from "./backup.ts";
import { bucketShape } from "./bucket-shape.ts";
import { flag, integer, must, settings, text } from "./rules.ts";
import { scheduleText, timeZoneText } from "./schedule-shape.ts";
import { secretShape } from "./secret-shape.ts";

const PLACES = '"volume", { directory: "/srv/backups" } or { s3: … }';

const directory = text(
  (value) => /^\/[^:\0]*[^/:\0]$/.test(value),
  "be an absolute path on the engine's machine, without a colon and without a slash at its end",
);

const place = z.preprocess(
  (written) => (written === "volume" ? {} : written),
  settings("the place of backups", { directory: directory.optional(), s3: bucketShape.optional() }, `be ${PLACES}`)
    .refine((written) => written.directory === undefined || written.s3 === undefined, must(`be one of ${PLACES}`))
    .transform(({ directory: path, s3: bucket }): BackupPlace => {
      if (bucket) return { kind: "s3", bucket };
      return path === undefined ? { kind: "volume" } : { kind: "directory", path };
    }),
);

/** Shape of a database's backups. */
export const backupShape = settings("a backup", {
  schedule: scheduleText(),
  timeZone: timeZoneText().default("UTC"),
  keep: integer(1, 10_000).default(7),
  keepDays: integer(0, 3660, "days").default(0),
  to: place.default({ kind: "volume" }),
  encrypt: secretShape.optional(),
  prove: z.union([z.literal(false), scheduleText()]).optional(),
  pointInTime: flag().default(false),
  timeoutSeconds: integer(1, 86_400, "seconds").default(3600),
});

/** Turns a checked shape into what components read. */
export function backupOf({ prove, ...written }: z.output<typeof backupShape>): Backup {
  const { schedule, timeZone, keep, keepDays, to, encrypt, pointInTime, timeoutSeconds } = written;
  const proof = prove === undefined ? "at once" : prove === false ? "never" : { schedule: prove };
  return { schedule, timeZone, keep, keepDays, to, encrypt, prove: proof, pointInTime, timeoutSeconds };
}
