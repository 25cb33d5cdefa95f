import { createHash } from "node:crypto";

/** What the stack of every review environment begins with. */
export const REVIEW_PREFIX = "review-";

const LONGEST = 40;
const HASH_DIGITS = 8;

/**
 * Names a branch as one DNS label of at most 40 characters: `feature/Login` is `feature-login`. Where more is lost than case
 * and punctuation (a cut, letters that ASCII does not have), and where the name is taken, a hash of the branch tells it from
 * others.
 *
 * @param taken - names that no branch may have, such as those of other environments
 */
export function slugOf(branch: string, taken: readonly string[] = []): string {
  const plain = branch.normalize("NFKD").toLowerCase();
  const slug = trimmed(plain.replace(/\p{M}/gu, "").replace(/[^a-z0-9]+/g, "-"));
  const isWhole = slug !== "" && slug.length <= LONGEST && /^[ -~]*$/.test(plain) && !taken.includes(slug);
  if (isWhole) return slug;
  const hash = createHash("sha256").update(branch).digest("hex").slice(0, HASH_DIGITS);
  return trimmed(`${trimmed(slug.slice(0, LONGEST - HASH_DIGITS - 1))}-${hash}`);
}

function trimmed(text: string): string {
  return text.replace(/^-|-$/g, "");
}
