import { expect, it } from "vitest";
import { dueWithin } from "../../../supervisor/schedule.ts";

const at = (text: string) => Date.parse(text);
const nightly = { pattern: "0 3 * * *", timeZone: "UTC" };

it("is due at the moment that the schedule names, once", () => {
  const due = at("2026-11-22T03:00:00Z");

  expect(dueWithin(nightly, due - 1000, due - 1)).toBeUndefined();
  expect(dueWithin(nightly, due - 1, due)).toEqual({ at: due, missed: false });
  expect(dueWithin(nightly, due, due + 1)).toBeUndefined();
  expect(dueWithin(nightly, due - 1000, due + 400)).toEqual({ at: due, missed: false });
  expect(dueWithin(nightly, due + 400, due + 1400)).toBeUndefined();
});

it("goes by the clock of its time zone, through a change to winter time", () => {
  const paris = { pattern: "0 3 * * *", timeZone: "Europe/Paris" };

  expect(dueWithin(paris, at("2026-10-24T00:30:00Z"), at("2026-10-24T01:00:30Z"))?.at).toBe(at("2026-10-24T01:00:00Z"));
  expect(dueWithin(paris, at("2026-10-25T01:30:00Z"), at("2026-10-25T02:00:30Z"))?.at).toBe(at("2026-10-25T02:00:00Z"));
});

it("is missed when nobody looked for more than a minute", () => {
  const due = at("2026-11-22T03:00:00Z");

  expect(dueWithin(nightly, due - 1, due + 60_000)).toEqual({ at: due, missed: false });
  expect(dueWithin(nightly, due - 1, due + 60_001)).toEqual({ at: due, missed: true });
});

it("counts the latest of several times that passed", () => {
  expect(dueWithin(nightly, at("2026-11-19T12:00:00Z"), at("2026-11-22T12:00:00Z"))).toEqual({
    at: at("2026-11-22T03:00:00Z"),
    missed: true,
  });
});
