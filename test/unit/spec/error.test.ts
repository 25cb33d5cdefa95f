import { expect, it } from "vitest";
import { pathOf, shown } from "../../../components/spec/error.ts";
import { SpecificationError } from "../../../components/spec/index.ts";

it("sorts its faults by path, numbers by their value", () => {
  const error = new SpecificationError([
    { path: "routes[10]", message: "is wrong" },
    { path: "routes[9]", message: "is wrong" },
    { path: "", message: "is empty" },
  ]);
  expect(error.name).toBe("SpecificationError");
  expect(error.message).toBe(
    "3 faults in the specification:\n  is empty\n  routes[9]: is wrong\n  routes[10]: is wrong",
  );
});

it("names the stack file in its headline once that is known", () => {
  const error = new SpecificationError([{ path: "domain", message: "is wrong" }]).in("stacks/dev.ts");
  expect(error).toBeInstanceOf(SpecificationError);
  expect(error.message).toBe("1 fault in stacks/dev.ts:\n  domain: is wrong");
  expect(error.faults).toStrictEqual([{ path: "domain", message: "is wrong" }]);
});

it("spells paths as the user wrote them", () => {
  expect(pathOf(["services", "my-web", "routes", 0])).toBe("services.my-web.routes[0]");
  expect(pathOf(["services", "my web"])).toBe('services["my web"]');
});

it.each([
  [undefined, "nothing"],
  [null, "null"],
  [[1], "a list"],
  [{ a: 1 }, "an object"],
  ["a\nb", '"a\\nb"'],
  ["x".repeat(81), `"${"x".repeat(80)}…"`],
  [-0.5, "-0.5"],
  [Number.NaN, "NaN"],
])("spells the value %j as %s", (value, expected) => {
  expect(shown(value)).toBe(expected);
});
