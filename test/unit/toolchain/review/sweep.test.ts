import { expect, it } from "vitest";
import { whyItGoes } from "../../../../toolchain/commands/sweep.ts";

const NOW = new Date("2026-11-22T09:00:00Z");
const LATER = new Date("2026-11-22T09:00:01Z");
const BRANCHES = new Set(["main", "feature/x"]);

it.each([
  ["its branch is there and its time has not passed", "feature/x", LATER, undefined],
  ["nothing is known of it", undefined, undefined, undefined],
  ["its branch is gone", "feature/y", LATER, "its branch is gone"],
  ["its branch is another by case", "Feature/x", LATER, "its branch is gone"],
  ["its time has passed", "feature/x", NOW, "its time has passed"],
  ["its branch is unknown and its time has passed", undefined, NOW, "its time has passed"],
])("when %s, branch %s until %s: %s", (_when, branch, expires, reason) => {
  expect(whyItGoes({ stack: "review-x", branch, expires, port: undefined }, BRANCHES, NOW)).toBe(reason);
});
