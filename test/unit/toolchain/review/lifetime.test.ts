import { expect, it } from "vitest";
import { endOf } from "../../../../toolchain/review/lifetime.ts";

const NOW = new Date("2026-11-22T09:00:00Z");

it.each([
  ["1h", "2026-11-22T10:00:00.000Z"],
  ["7d", "2026-11-29T09:00:00.000Z"],
  ["365d", "2027-11-22T09:00:00.000Z"],
  ["2026-12-24", "2026-12-24T00:00:00.000Z"],
  ["2026-11-22T09:30Z", "2026-11-22T09:30:00.000Z"],
])("a lifetime of %s ends at %s", (lifetime, end) => {
  expect(endOf(lifetime, NOW).toISOString()).toBe(end);
});

it.each(["0d", "-1d", "366d", "7", "soon", "", "2026-11-22", "2025-12-24", "2028-01-01"])(
  "refuses a lifetime of %j",
  (lifetime) => {
    expect(() => endOf(lifetime, NOW)).toThrow(
      `--ttl: must be a time such as 12h or 7d or a date such as 2026-12-24, at most a year ahead, got "${lifetime}"`,
    );
  },
);
