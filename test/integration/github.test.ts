import { afterAll, beforeAll, expect, test } from "vitest";
import { createBareRepository, gitIn } from "../support/bare-repository.ts";
import type { BareRepository } from "../support/bare-repository.ts";
import { createGitHubRunner } from "../support/github.ts";
import type { WorkflowEvent, WorkflowRun } from "../support/github.ts";
import { startGitLab } from "../support/gitlab.ts";
import type { GitLab } from "../support/gitlab.ts";
import { createWorkspace, listLabelled } from "../support/workspace.ts";
import type { Workspace } from "../support/workspace.ts";
import { selfSigned } from "./provider/self-signed.ts";

const BRANCH = "feature/Greeting";
const REVIEW = "review-feature-greeting";

let workspace: Workspace;
let github: GitLab;
let origin: BareRepository;
let run: (event: WorkflowEvent) => Promise<WorkflowRun>;

beforeAll(async () => {
  const certificate = await selfSigned("localhost");
  [workspace, github] = await Promise.all([createWorkspace(), startGitLab(certificate)]);
  for (const stack of ["platform", "preprod", "prod", "review"]) await workspace.configure(stack);
  origin = await createBareRepository(workspace);
  await origin.push("main", BRANCH);
  run = await createGitHubRunner(workspace, { instance: new URL(github.url).host, certificate });
  await workspace.up("platform");
});

afterAll(async () => {
  await github.close();
  await workspace.remove();
});

async function digestOf(stack: string): Promise<string> {
  const { releases } = (await workspace.outputs(stack)) as { releases: { website: { image: string } } };
  return releases.website.image;
}

test("a branch gets an environment of its own", async () => {
  const { jobs, output } = await run({ push: BRANCH });

  expect(jobs, output).toEqual({ review: "success" });
  expect(output).toContain(`https://feature-greeting.localhost:${workspace.ports.https}/`);
  expect((await workspace.get("feature-greeting.localhost", "/fr")).status).toBe(200);
});

test("the default branch is what preprod runs", async () => {
  const { jobs, output } = await run({ push: "main" });

  expect(jobs, output).toEqual({ preprod: "success" });
  expect((await workspace.get("website.preprod.localhost", "/fr")).status).toBe(200);
});

test("a pull request gets its preview as a comment, and deploys nothing", async () => {
  const before = await listLabelled(workspace.docker, workspace.namespace);

  const { exitCode, jobs, output } = await run({ pullRequest: BRANCH, number: 5 });

  expect(jobs, output).toEqual({ preview: "success" });
  expect(exitCode).toBe(0);
  const comments = "/api/v3/repos/team/shop/issues/5/comments";
  expect(github.requests.map(({ method, path, token }) => ({ method, path: path.split("?")[0], token }))).toEqual([
    { method: "GET", path: comments, token: "Bearer ghp-secret" },
    { method: "POST", path: comments, token: "Bearer ghp-secret" },
  ]);
  expect(github.notes[0]?.body).toContain("**Preview of stack `preprod`**: ");
  expect(output).not.toContain("ghp-secret");
  expect(await listLabelled(workspace.docker, workspace.namespace)).toEqual(before);
});

test("a tag takes the very same image to prod", async () => {
  const git = gitIn(workspace);
  await git("tag", "v1.0.0");
  await git("push", "--quiet", "--tags", "origin");

  const { jobs, output } = await run({ tag: "v1.0.0" });

  expect(jobs, output).toEqual({ prod: "success" });
  expect(await digestOf("prod")).toBe(await digestOf("preprod"));
});

test("a deleted branch takes its environment along", async () => {
  await origin.remove(BRANCH);

  const { jobs, output } = await run({ deleted: BRANCH });

  expect(jobs, output).toEqual({ "destroy-review": "success" });
  const left = await listLabelled(workspace.docker, workspace.namespace);
  expect(left.filter((name) => name.includes(REVIEW))).toEqual([]);
  expect((await workspace.get("website.prod.localhost", "/fr")).status).toBe(200);
});

test("the nightly look finds nothing to say", async () => {
  const { jobs, output } = await run({ schedule: true });

  expect(jobs, output).toEqual({ watch: "success" });
  expect(output).toContain("✔ Stack prod: all that runs is as deployed");
  expect(output).toContain("There is no review environment.");
});
