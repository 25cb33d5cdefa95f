import type { ReleasePlan, ReleaseRecord } from "./inputs.ts";

/** The releases that can be gone back to once a release is done: each image once, the current one first. */
export function historyAfter(
  { image, version, commit, keepReleases }: Pick<ReleasePlan, "image" | "version" | "commit" | "keepReleases">,
  releasedAt: string,
  before: readonly ReleaseRecord[],
): ReleaseRecord[] {
  const known = before.find((record) => record.image === image);
  // An image that runs again comes from the commit that it was deployed from first.
  const from = known ? known.commit : commit;
  // Its containers changed, but not what they run.
  const current = known && known === before[0] ? known : { image, version, ...(from && { commit: from }), releasedAt };
  return [current, ...before.filter((record) => record.image !== image)].slice(0, keepReleases);
}
