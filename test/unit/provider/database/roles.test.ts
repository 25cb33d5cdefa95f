import { expect, it } from "vitest";
import type { Role } from "../../../../provider/database/dialect.ts";
import { roleFor } from "../../../../provider/database/roles.ts";

it.each<[Role | undefined, boolean, Role]>([
  [undefined, true, "replica"],
  ["replica", false, "replica"],
  ["replica", true, "rebuild"],
  ["fenced", false, "rebuild"],
  ["primary", false, "rebuild"],
  ["rebuild", false, "rebuild"],
])("a follower that was %s and is new to the primary: %s, becomes %s", (role, isNew, expected) => {
  expect(roleFor(role, { isNew })).toBe(expected);
});
