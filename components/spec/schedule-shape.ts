import { Cron } from "croner";
import type { z } from "zod";
import { text } from "./rules.ts";

/** When something is to be done, in the five fields of cron. */
export function scheduleText(): z.ZodString {
  return text(isSchedule, 'be five fields of cron that come around, such as "0 3 * * *" for three at night');
}

/** What time zone a schedule means. */
export function timeZoneText(): z.ZodString {
  return text(isTimeZone, 'be a time zone of the IANA database, such as "Europe/Paris"');
}

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
