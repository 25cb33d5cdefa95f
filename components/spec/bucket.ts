import type { Secret } from "./secret.ts";

/** A bucket of S3, or of what speaks like it, as a stack file writes it. */
export interface BucketInput {
  bucket: string;
  /** @default "us-east-1" */
  region?: string;
  /** Address of another server than Amazon's, with `https://` or `http://`. @default - Amazon's in the region */
  endpoint?: string;
  /** Not a generated one: the server knows it already. */
  accessKeyId: Secret;
  /** Not a generated one. */
  secretAccessKey: Secret;
}

/** A checked bucket with every default filled in. */
export interface Bucket {
  readonly bucket: string;
  readonly region: string;
  readonly endpoint?: string | undefined;
  readonly accessKeyId: Secret;
  readonly secretAccessKey: Secret;
}
