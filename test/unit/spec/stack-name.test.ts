import { expect, it } from "vitest";
import { resourcePrefix, SpecificationError, stackFileFor } from "../../../components/spec/index.ts";

const FILES = ["platform.ts", "dev.ts", "review.ts", "settings.ts", "README.md", "review-demo.ts"];
const nameRule = (length: number): string =>
  `must be a name of at most ${length} lower-case letters, digits and hyphens that begins with a letter and does not end with a hyphen`;

it.each([
  ["dev", "dev.ts"],
  ["review", "review.ts"],
  ["review-42", "review.ts"],
  ["review-demo", "review-demo.ts"],
  [`review-${"x".repeat(40)}`, "review.ts"],
])("deploys the stack %s with %s", (stack, file) => {
  expect(stackFileFor(stack, FILES)).toBe(file);
});

it.each<[string, readonly string[], string]>([
  ["qa", FILES, 'must have a stack file stacks/qa.ts, got "qa"; there are: dev, platform, review, review-demo'],
  ["dew", ["dev.ts"], 'must have a stack file stacks/dew.ts, got "dew", did you mean "dev"? There are: dev'],
  ["settings", ["dev.ts", "settings.ts"], 'must have a stack file stacks/settings.ts, got "settings"; there are: dev'],
  ["review-42", ["dev.ts"], 'must have a stack file stacks/review.ts, got "review-42"; there are: dev'],
  ["qa", [], 'must have a stack file stacks/qa.ts, got "qa"; there are none'],
  ["Dev", FILES, `${nameRule(20)}, got "Dev"`],
  ["a.b", FILES, `${nameRule(20)}, got "a.b"`],
  ["x".repeat(21), FILES, `${nameRule(20)}, got "${"x".repeat(21)}"`],
  [`review-${"x".repeat(41)}`, FILES, `${nameRule(47)}, got "review-${"x".repeat(41)}"`],
])("refuses the stack %s among %j", (stack, files, fault) => {
  expect(() => stackFileFor(stack, files)).toThrow(
    new SpecificationError([{ path: "stack", message: fault }], "the stack's name"),
  );
});

it.each([
  ["dev", "dev"],
  [`review-${"x".repeat(20)}`, `review-${"x".repeat(20)}`],
  [`review-${"x".repeat(21)}`, "review-xxxxxxxxxxxxx-99b1ee"],
  [`review-${"x".repeat(12)}-${"y".repeat(27)}`, "review-xxxxxxxxxxxx-c395d0"],
])("begins the resources of the stack %s with %s", (stack, prefix) => {
  expect(resourcePrefix(stack)).toBe(prefix);
});
