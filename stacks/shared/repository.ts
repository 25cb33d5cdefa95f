import { execFile } from "node:child_process";
import { hostname, userInfo } from "node:os";
import { promisify } from "node:util";
import type { Origin } from "../../components/index.ts";

const VERSION = /^v?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)$/;

/** What a work tree is checked out at. */
export interface CheckOut {
  /** Commit, `-dirty` when the sources differ from it. */
  commit: string;
  /** Branches and tags at the commit, as git decorates it; the branch that is checked out follows `HEAD -> `. */
  refs: string;
}

/**
 * What the work tree is checked out at; undefined outside of a git repository. Stacks' settings do not count as sources:
 * Pulumi itself writes an `encryptionsalt` into those that have none.
 */
export async function readCheckOut(): Promise<CheckOut | undefined> {
  const [head, changed] = await Promise.all([
    git("log", "-1", "--format=%h %D", "--abbrev=12", "--decorate=short"),
    git("status", "--porcelain", "--untracked-files=no", "--", ".", ":(exclude)Pulumi.*.yaml"),
  ]);
  if (head === undefined) return undefined;
  const [commit = "", ...refs] = head.split(" ");
  return { commit: changed === "" ? commit : `${commit}-dirty`, refs: refs.join(" ") };
}

/** Counts the commits that are in the second one and not in the first; undefined where the repository lacks either. */
export async function countCommits(from: string, to: string): Promise<number | undefined> {
  const [first, last] = [from, to].map((commit) => commit.replace(/-dirty$/, ""));
  const count = await git("rev-list", "--count", `${first}..${last}`);
  return count === undefined ? undefined : Number(count);
}

/** Who deploys what from where: what GitLab CI or GitHub Actions say of their job, else what git and the machine say. */
export function originOf(env: NodeJS.ProcessEnv, checkOut: CheckOut | undefined): Origin {
  const { commit, refs = "" } = checkOut ?? {};
  const isClean = commit !== undefined && !commit.endsWith("-dirty");
  const version = isClean ? versionIn([env.CI_COMMIT_TAG, tagOfGitHub(env), ...tagsIn(refs)]) : undefined;
  const branch = branchOf(env) ?? /HEAD -> ([^,]+)/.exec(refs)?.[1];
  return {
    by: set(env.GITLAB_USER_LOGIN) ?? set(env.GITHUB_ACTOR) ?? userInfo().username,
    where: set(env.CI_JOB_URL) ?? runOfGitHub(env) ?? hostname(),
    ...(branch !== undefined && { branch }),
    ...(version !== undefined && { version }),
  };
}

function branchOf(env: NodeJS.ProcessEnv): string | undefined {
  const isBranch = env.GITHUB_REF_TYPE === "branch";
  return (
    set(env.CI_COMMIT_BRANCH) ??
    set(env.CI_MERGE_REQUEST_SOURCE_BRANCH_NAME) ??
    set(env.GITHUB_HEAD_REF) ??
    (isBranch ? set(env.GITHUB_REF_NAME) : undefined)
  );
}

function tagOfGitHub(env: NodeJS.ProcessEnv): string | undefined {
  return env.GITHUB_REF_TYPE === "tag" ? env.GITHUB_REF_NAME : undefined;
}

function runOfGitHub({ GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID }: NodeJS.ProcessEnv): string | undefined {
  if (set(GITHUB_RUN_ID) === undefined) return undefined;
  return `${GITHUB_SERVER_URL ?? ""}/${GITHUB_REPOSITORY ?? ""}/actions/runs/${GITHUB_RUN_ID ?? ""}`;
}

function tagsIn(refs: string): string[] {
  return refs.split(", ").flatMap((ref) => (ref.startsWith("tag: ") ? [ref.slice("tag: ".length)] : []));
}

function versionIn(tags: readonly (string | undefined)[]): string | undefined {
  return tags.flatMap((tag) => VERSION.exec(tag ?? "")?.[1] ?? [])[0];
}

/** A variable that is set to nothing is not set. */
function set(value: string | undefined): string | undefined {
  return value === "" ? undefined : value;
}

/** What git prints; undefined where it fails, or there is none. */
async function git(...args: string[]): Promise<string | undefined> {
  const result = await promisify(execFile)("git", args, { cwd: process.cwd() }).catch(() => undefined);
  return result?.stdout.trim();
}
