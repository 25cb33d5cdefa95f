import { usage } from "../arguments.ts";

const HOUR = 3_600_000;
const HOURS = { h: 1, d: 24 };
const LONGEST_HOURS = 365 * 24;

/**
 * When a review environment that is deployed now has had its time.
 *
 * @param lifetime - `12h`, `7d`, at most a year, or a day or instant to come: `2026-12-24`, `2026-12-24T18:00Z`
 * @throws {UserError} when it is neither, or has passed.
 */
export function endOf(lifetime: string, now: Date): Date {
  const hours = hoursOf(lifetime) ?? (Date.parse(lifetime) - now.getTime()) / HOUR;
  if (hours > 0 && hours <= LONGEST_HOURS) return new Date(now.getTime() + hours * HOUR);
  throw usage(
    `--ttl: must be a time such as 12h or 7d or a date such as 2026-12-24, at most a year ahead, got "${lifetime}"`,
  );
}

function hoursOf(lifetime: string): number | undefined {
  const [, count, unit] = /^(\d{1,5})([hd])$/.exec(lifetime) ?? [];
  if (unit !== "h" && unit !== "d") return undefined;
  return Number(count) * HOURS[unit];
}
