import { createHash } from "node:crypto";

/** Who deploys what from where. */
export interface Origin {
  /** User, on a build server the one who set the job off. */
  by: string;
  /** Machine, or address of the build server's job. */
  where: string;
  /** Branch that is deployed; undefined for a commit alone. */
  branch?: string;
  /** Version that is released, without a leading `v`; only where its git tag stands on the commit, unchanged. */
  version?: string;
}

const LONGEST_BRANCH = 80;

/**
 * Tags of an image for people. A built image is tagged with its branch; one with a version is a release, and the newest
 * one without a suffix such as `-rc.1` is `latest`.
 */
export function tagsOf({ branch, version }: Origin, { isBuilt }: { isBuilt: boolean }): string[] {
  return [
    ...(isBuilt && branch !== undefined ? [`branch-${tagText(branch)}`] : []),
    ...(version === undefined ? [] : [version]),
    ...(version === undefined || version.includes("-") ? [] : ["latest"]),
  ];
}

/** Spells a branch as a tag takes it, with a hash where two branches would be spelt alike. */
function tagText(branch: string): string {
  const text = branch.replace(/[^\w.-]+/g, "-").slice(0, LONGEST_BRANCH);
  if (text === branch) return text;
  return `${text}-${createHash("sha256").update(branch).digest("hex").slice(0, 6)}`;
}
