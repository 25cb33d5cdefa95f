import { must, settings, text } from "./rules.ts";
import { secretShape } from "./secret-shape.ts";

const key = secretShape.refine(
  ({ from }) => from !== "generator",
  must('be secret("…") or secretFile("…"), the key that the server has given out'),
);

/** Shape of a bucket. */
export const bucketShape = settings("s3", {
  bucket: text(
    (value) => /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(value),
    "be the name of a bucket, 3 to 63 lower-case letters, digits, dots and hyphens",
  ),
  region: text((value) => /^[a-z0-9-]{1,40}$/.test(value), "be the name of a region").default("us-east-1"),
  endpoint: text((value) => /^https?:\/\/[^/\s]+$/.test(value), "be the address of a server without a path").optional(),
  accessKeyId: key,
  secretAccessKey: key,
});
