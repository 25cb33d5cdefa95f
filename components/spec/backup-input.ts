import type { BucketInput } from "./bucket.ts";
import type { Secret } from "./secret.ts";

/** How a database is backed up, as a stack file writes it. */
export interface BackupInput {
  /** When, in the five fields of cron. A run that was missed while the machine was down is made up, once. */
  schedule: string;
  /** IANA time zone that both schedules mean. @default "UTC" */
  timeZone?: string;
  /** Backups of each database that stay, the newest ones. Integer, 1 to 10000. @default 7 */
  keep?: number;
  /** Time for which each backup stays, however many there are, in days. Integer, 0 to 3660. @default 0 */
  keepDays?: number;
  /**
   * Where they are kept. A directory is one of the engine's machine that the user 999 may write to. A change leaves those
   * that are there where they are.
   * @default "volume" - a volume of their own, which outlives the environment
   */
  to?: "volume" | { directory: string } | { s3: BucketInput };
  /**
   * Words that they are encrypted with (age, with a passphrase). Who loses them loses the backups: keep a copy elsewhere.
   * @default - none, they are not encrypted
   */
  encrypt?: Secret;
  /**
   * When the newest backup of each database is restored into a throw-away server and compared, in the five fields of cron;
   * false for never.
   * @default - each one right after it was taken
   */
  prove?: string | false;
  /**
   * True keeps what the server writes as well, so that a restore can go back to any moment since the oldest backup. For
   * postgres, kept in a volume or a directory. @default false
   */
  pointInTime?: boolean;
  /** Time after which a run is stopped, in seconds. Integer, 1 to 86400. @default 3600 */
  timeoutSeconds?: number;
}
