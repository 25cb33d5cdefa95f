import type { ReleasePlan, ReleaseRecord } from "./inputs.ts";

/** The releases that can be gone back to once a release is done: each image once, the current one first. */
export function historyAfter(
  { image, version, commit, keepReleases }: Pick<ReleasePlan, "image" | "version" | "commit" | "keepReleases">,
  releasedAt: string,
  before: readonly ReleaseRecord[],
): ReleaseRecord[] {
  const [latest] = before;
  // Its containers changed, but not what they run.
  const current = latest?.image === image ? latest : { image, version, ...(commit && { commit }), releasedAt };
  return [current, ...before.filter((record) => record.image !== image)].slice(0, keepReleases);
}
