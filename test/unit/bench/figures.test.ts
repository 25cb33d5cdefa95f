import { expect, test } from "vitest";
import { goalOf, summarize, tableOf } from "../../../bench/figures.ts";

test("the median of an odd number of values is the middle one", () => {
  expect(summarize([3, 1, 2])).toEqual({ min: 1, median: 2, max: 3 });
});

test("the median of an even number of values lies between the middle two", () => {
  expect(summarize([4, 1, 10, 2])).toEqual({ min: 1, median: 3, max: 10 });
});

test("an empty series has no summary", () => {
  expect(() => summarize([])).toThrow("a series needs at least one value");
});

test("a table says of each series what a person asks, and whether the goal was met", () => {
  const series = [
    { name: "dev", unit: "s", values: [2, 2.5, 3] },
    { name: "bare program", unit: "s", values: [1, 100] },
  ];
  expect(tableOf({ what: "x", title: "title", series, remarks: ["remark"], goal: goalOf("ratio", 2.01, 2) })).toBe(
    [
      "title",
      "                   min   median     max  runs",
      "  dev           2.00 s   2.50 s  3.00 s     3",
      "  bare program  1.00 s  50.50 s   100 s     2",
      "remark",
      "ratio: 2.01, goal at most 2: missed",
    ].join("\n"),
  );
});

test("a figure that is the goal meets it", () => {
  expect(goalOf("ratio", 2, 2)).toEqual({ name: "ratio", value: 2, atMost: 2, met: true });
});
