import type { Bucket } from "./bucket.ts";
import type { Secret } from "./secret.ts";

/** A checked plan of backups with every default filled in; {@link BackupInput} tells units and ranges. */
export interface Backup {
  readonly schedule: string;
  readonly timeZone: string;
  readonly keep: number;
  readonly keepDays: number;
  readonly to: BackupPlace;
  readonly encrypt: Secret | undefined;
  /** When newest backups are proven: each at once, never, or by a schedule of their own. */
  readonly prove: "at once" | "never" | { readonly schedule: string };
  readonly pointInTime: boolean;
  readonly timeoutSeconds: number;
}

/** Where backups are kept. */
export type BackupPlace =
  | { readonly kind: "volume" }
  /** Of the engine's machine. */
  | { readonly kind: "directory"; readonly path: string }
  | { readonly kind: "s3"; readonly bucket: Bucket };
