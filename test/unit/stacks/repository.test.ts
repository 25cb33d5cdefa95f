import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { countCommits, originOf, readCheckOut } from "../../../stacks/shared/repository.ts";

let directory: string;

const git = (...args: string[]) =>
  execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.org", ...args], {
    cwd: directory,
    encoding: "utf8",
  }).trim();
const commit = (content: string) => {
  writeFileSync(join(directory, "file"), content);
  git("add", "--all");
  git("commit", "--quiet", "--message", content);
  return git("rev-parse", "--short=12", "HEAD");
};
const currentCommit = async () => (await readCheckOut())?.commit;
const origin = async (env: NodeJS.ProcessEnv = {}) => originOf(env, await readCheckOut());
const here = { by: userInfo().username, where: hostname() };

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "slipway-repository-"));
  vi.spyOn(process, "cwd").mockReturnValue(directory);
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(directory, { recursive: true });
});

describe("outside of a repository", () => {
  it("there is neither commit nor branch", async () => {
    expect(await currentCommit()).toBeUndefined();
    expect(await origin()).toEqual(here);
  });
});

describe("in a repository", () => {
  let first: string;

  beforeEach(() => {
    git("init", "--quiet", "--initial-branch=feature/x");
    first = commit("1");
  });

  it("git tells commit and branch, and the machine who and where", async () => {
    expect(await currentCommit()).toBe(first);
    expect(await origin()).toEqual({ ...here, branch: "feature/x" });
  });

  it("commits are counted between two that there are", async () => {
    commit("2");
    const third = commit("3");

    expect(await countCommits(first, third)).toBe(2);
    expect(await countCommits(`${first}-dirty`, third)).toBe(2);
    expect(await countCommits("0000000", third)).toBeUndefined();
  });

  it("a version is a tag on this very commit, as long as nothing is changed", async () => {
    git("tag", "v1.2.0");
    git("tag", "nightly");
    expect(await origin()).toMatchObject({ version: "1.2.0" });

    writeFileSync(join(directory, "file"), "changed");
    expect(await currentCommit()).toBe(`${first}-dirty`);
    expect(await origin()).not.toHaveProperty("version");
  });

  it("another tag is no version", async () => {
    git("tag", "nightly");
    git("tag", "1.2");

    expect(await origin()).not.toHaveProperty("version");
  });
});

describe("in a job of a build server", () => {
  beforeEach(() => {
    git("init", "--quiet");
    commit("1");
    git("checkout", "--quiet", "--detach");
  });

  it.each([
    [
      "GitLab's branches",
      { GITLAB_USER_LOGIN: "alice", CI_JOB_URL: "https://gitlab.example.org/job/1", CI_COMMIT_BRANCH: "main" },
      { by: "alice", where: "https://gitlab.example.org/job/1", branch: "main" },
    ],
    [
      "GitLab's merge requests",
      { CI_COMMIT_BRANCH: "", CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: "feature/x" },
      { ...here, branch: "feature/x" },
    ],
    ["GitLab's tags", { CI_COMMIT_TAG: "v2.0.0-rc.1" }, { ...here, version: "2.0.0-rc.1" }],
    [
      "GitHub's branches",
      {
        GITHUB_ACTOR: "bob",
        GITHUB_SERVER_URL: "https://github.com",
        GITHUB_REPOSITORY: "a/b",
        GITHUB_RUN_ID: "7",
        GITHUB_REF_TYPE: "branch",
        GITHUB_REF_NAME: "main",
      },
      { by: "bob", where: "https://github.com/a/b/actions/runs/7", branch: "main" },
    ],
    ["GitHub's pull requests", { GITHUB_HEAD_REF: "fix", GITHUB_REF_NAME: "7/merge" }, { ...here, branch: "fix" }],
    ["GitHub's tags", { GITHUB_REF_TYPE: "tag", GITHUB_REF_NAME: "v1.0.0" }, { ...here, version: "1.0.0" }],
  ])("its variables count: %s", async (_of, env, expected) => {
    expect(await origin(env)).toEqual(expected);
  });
});
