import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createBareRepository } from "../support/bare-repository.ts";
import { startGitLab, type GitLab } from "../support/gitlab.ts";
import { createRunner, type Runner } from "../support/runner.ts";
import { createWorkspace, listLabelled, type CommandResult, type Workspace } from "../support/workspace.ts";

const PREVIEW = "preview.json";
const NOTES = "/api/v4/projects/42/merge_requests/5/notes";

let workspace: Workspace;
let gitlab: GitLab;
let runner: Runner;

beforeAll(async () => {
  [workspace, gitlab] = await Promise.all([createWorkspace(), startGitLab()]);
  await workspace.up("platform");
  await workspace.initStack("preprod");
  await createBareRepository(workspace);
  runner = await createRunner(workspace, gitlab);
});

beforeEach(async () => {
  gitlab.requests.length = 0;
  // A runner removes what the job before left.
  await rm(join(workspace.directory, PREVIEW), { force: true });
});

afterAll(async () => {
  await gitlab.close();
  await workspace.remove();
});

test("a merge request's preview becomes a note and an artifact, and deploys nothing", async () => {
  const before = await listLabelled(workspace.docker, workspace.namespace);
  const { exitCode, output } = await runJob("preview");
  expect(exitCode, output).toBe(0);
  expect(output).toContain("Note on merge request !5 created.");

  const artifact = JSON.parse(await readFile(join(workspace.directory, PREVIEW), "utf8")) as { changes: object[] };
  expect(artifact.changes).toContainEqual(expect.objectContaining({ name: "preprod-network", operation: "created" }));
  const title = `**Preview of stack \`preprod\`**: ${artifact.changes.length} to change, 0 unchanged`;
  expect(gitlab.requests).toEqual([
    { method: "GET", path: `${NOTES}?per_page=100&page=1`, token: "glpat-secret" },
    { method: "POST", path: NOTES, token: "glpat-secret", body: expect.stringContaining(title) as string },
  ]);
  expect(gitlab.notes[0]?.body).toContain(`<details><summary>Created (${artifact.changes.length})</summary>`);
  expect(output).not.toContain("glpat-secret");

  expect(await listLabelled(workspace.docker, workspace.namespace)).toEqual(before);
  const { stdout } = await workspace.pulumi("stack", "export", "--stack", "preprod");
  expect((JSON.parse(stdout) as { deployment: object }).deployment).not.toHaveProperty("resources");
});

test("a later preview that fails fails the job, and the same note says why", async () => {
  await workspace.edit("stacks/preprod.ts", (file) => file.replace("domain:", "domian:"));
  const { exitCode, output } = await runJob("preview");
  await workspace.edit("stacks/preprod.ts", (file) => file.replace("domian:", "domain:"));
  expect(exitCode, output).toBe(1);
  expect(gitlab.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
    `GET ${NOTES}?per_page=100&page=1`,
    `PUT ${NOTES}/101`,
  ]);
  expect(gitlab.notes).toHaveLength(1);
  expect(gitlab.notes[0]?.body).toContain("**Preview of stack `preprod` failed**");
  expect(gitlab.notes[0]?.body).toContain("domian: is no setting of an environment");
});

test("without a token the job says so and succeeds", async () => {
  const { exitCode, output } = await runJob("preview", { GITLAB_TOKEN: "" });
  expect(exitCode, output).toBe(0);
  expect(output).toContain("No note on the merge request: GITLAB_TOKEN is not set.");
  expect(gitlab.requests).toEqual([]);
});

test.each(["PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE"])("a job without %s says so and fails", async (name) => {
  const { exitCode, output } = await runJob("preview", { [name]: undefined });
  expect(exitCode, output).toBe(1);
  expect(output).toContain(`${name}: is not set. Set it in Settings > CI/CD > Variables`);
  expect(gitlab.notes[0]?.body).toContain("It failed before Pulumi ran; the log of the job says why.");
});

/** Runs a job as GitLab would for merge request !5, with the variables that a project has. */
function runJob(job: string, more: Record<string, string | undefined> = {}): Promise<CommandResult> {
  return runner.run({ mergeRequest: "topic", iid: 5 }, [job], more);
}
