import { z } from "zod";

const NANOSECONDS: Record<string, number> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };
const PART = /(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g;
const WHOLE = /^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/;

/** A Go duration such as `30s` or `1m30s`; `0` needs no unit. */
export const duration = z
  .string()
  .refine((text) => text === "0" || WHOLE.test(text), { error: 'must be a duration such as "30s" or "1m30s"' });

/** Turns a Go duration into the nanoseconds that the engine wants. */
export function toNanoseconds(text: string): number {
  const parts = [...text.matchAll(PART)];
  return parts.reduce((sum, [, number, unit = ""]) => sum + Math.round(Number(number) * (NANOSECONDS[unit] ?? 0)), 0);
}
