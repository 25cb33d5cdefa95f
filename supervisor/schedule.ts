import { Cron } from "croner";

/** When a job is due, as its labels say. */
export interface Schedule {
  /** Five fields, or six with seconds first. */
  pattern: string;
  /** IANA name. */
  timeZone: string;
}

/** A due time, and whether it passed while nobody looked. */
export interface Due {
  /** Milliseconds since 1970. */
  at: number;
  missed: boolean;
}

/** A run begins at most so late; after that it was missed. */
const LATE_MS = 60_000;

/**
 * The latest time after `since`, up to `now`, at which a schedule is due; undefined when there is none.
 *
 * @throws {Error} when the schedule or the time zone is none.
 */
export function dueWithin({ pattern, timeZone }: Schedule, since: number, now: number): Due | undefined {
  // What comes before the next millisecond includes this one.
  const [latest] = new Cron(pattern, { timezone: timeZone, paused: true }).previousRuns(1, new Date(now + 1));
  const at = latest?.getTime() ?? 0;
  return at > since ? { at, missed: now - at > LATE_MS } : undefined;
}
