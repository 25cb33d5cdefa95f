import { createHash } from "node:crypto";
import { shown, SpecificationError } from "./error.ts";
import { isName, nameRule } from "./rules.ts";
import { choice } from "./suggestion.ts";

const MAX_LENGTH = 20;
// `review-` and the slug of a branch.
const MAX_REVIEW_LENGTH = 47;
// The longest for which every container name, `<prefix>-<service>-<replica>-<7 hex>`, is still a DNS label.
const MAX_PREFIX_LENGTH = 27;
const HASH_DIGITS = 6;

/**
 * Finds the stack file of a stack among the file names in `stacks/`: `qa` is deployed by `qa.ts`, and every `review-*`
 * without a file of its own by `review.ts`.
 *
 * @throws {SpecificationError} when the stack's name is no DNS label, is too long, or has no stack file.
 */
export function stackFileFor(stack: string, files: readonly string[]): string {
  const isReview = stack.startsWith("review-");
  const maxLength = isReview ? MAX_REVIEW_LENGTH : MAX_LENGTH;
  if (!isName(stack, maxLength)) throw stackFault(stack, `must ${nameRule(maxLength)}`, "");

  const stacks = files.filter((file) => /^[a-z][a-z0-9-]*\.ts$/.test(file) && file !== "settings.ts");
  const found = [`${stack}.ts`, ...(isReview ? ["review.ts"] : [])].find((file) => stacks.includes(file));
  if (found !== undefined) return found;

  const names = stacks.map((file) => file.slice(0, -".ts".length));
  throw stackFault(stack, `must have a stack file stacks/${isReview ? "review" : stack}.ts`, choice(stack, names));
}

/** The first word of a stack's resource names: its own name, or the beginning of a long one with a hash of the whole. */
export function resourcePrefix(stack: string): string {
  if (stack.length <= MAX_PREFIX_LENGTH) return stack;
  const hash = createHash("sha256").update(stack).digest("hex").slice(0, HASH_DIGITS);
  const beginning = stack.slice(0, MAX_PREFIX_LENGTH - HASH_DIGITS - 1).replace(/-+$/, "");
  return `${beginning}-${hash}`;
}

function stackFault(stack: string, rule: string, advice: string): SpecificationError {
  return new SpecificationError(
    [{ path: "stack", message: `${rule}, got ${shown(stack)}${advice}` }],
    "the stack's name",
  );
}
