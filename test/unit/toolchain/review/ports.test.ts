import { expect, it } from "vitest";
import { choosePort } from "../../../../toolchain/review/ports.ts";

const RANGE = { first: 8500, last: 8502 };

it.each([
  ["there are none for environments", undefined, undefined, [], undefined],
  ["it is new, the first one", RANGE, undefined, [], 8500],
  ["it is new, the first that no other has", RANGE, undefined, [8500, 8502], 8501],
  ["it has one, that one", RANGE, 8502, [8500], 8502],
  ["another has its one as well, another", RANGE, 8501, [8501], 8500],
  ["its one is no longer published, another", RANGE, 8700, [], 8500],
])("gets, where %s", (_where, range, own, taken, port) => {
  expect(choosePort(range, own, new Set(taken))).toBe(port);
});

it("gets none where all are taken, and is told so", () => {
  expect(() => choosePort(RANGE, undefined, new Set([8500, 8501, 8502]))).toThrow(
    "all ports for environments are taken, 8500 to 8502",
  );
});
