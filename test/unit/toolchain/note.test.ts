import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { noteText, writeNote } from "../../../toolchain/commands/note.ts";
import { startGitLab, type GitLab } from "../../support/gitlab.ts";

const PREVIEW = "Previewing update (qa):\n    + docker:index:Network: (create)\nResources:\n    + 1 to create\n";
const SUCCEEDED = { stack: "qa", succeeded: true, url: "https://gitlab.example/jobs/7" };
const FAILED = { ...SUCCEEDED, succeeded: false };

let directory: string;
let gitlab: GitLab;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "slipway-note-"));
  gitlab = await startGitLab();
});

afterEach(async () => {
  await gitlab.close();
  await rm(directory, { recursive: true });
});

test("a note begins with what will change and folds the whole preview", () => {
  expect(noteText(PREVIEW, SUCCEEDED)).toBe(
    [
      "**Preview of stack `qa`** ([job](https://gitlab.example/jobs/7))",
      "```text\nResources:\n    + 1 to create\n```",
      "<details><summary>All of it</summary>",
      `\`\`\`text\n${PREVIEW.trim()}\n\`\`\``,
      "</details>",
    ].join("\n\n"),
  );
});

test("a failed preview's note begins with the last lines, which say why", () => {
  const lines = Array.from({ length: 40 }, (_, index) => `line ${index + 1}`);
  const [heading, gist] = noteText(lines.join("\n"), FAILED).split("\n\n");
  expect(heading).toBe("**Preview of stack `qa` failed** ([job](https://gitlab.example/jobs/7))");
  expect(gist).toBe(`\`\`\`text\n${lines.slice(10).join("\n")}\n\`\`\``);
});

test("a job that failed before Pulumi ran leads to its log", () => {
  expect(noteText(undefined, FAILED)).toBe(
    "**Preview of stack `qa` failed** ([job](https://gitlab.example/jobs/7))\n\n" +
      "It failed before Pulumi ran; the log of the job says why.",
  );
});

test("a fence in the preview does not end the note's own", () => {
  expect(noteText("a\n````\nb", FAILED)).toContain("\n\n`````text\na\n````\nb\n`````\n\n");
});

test("a long preview is cut to its last 50,000 characters", () => {
  const end = "\nResources:\n    1 unchanged";
  expect(noteText("#".repeat(50_000) + end, SUCCEEDED)).toContain(
    `<details><summary>Its last 50000 characters</summary>\n\n\`\`\`text\n${"#".repeat(50_000 - end.length)}${end}\n\`\`\``,
  );
});

test("the first push creates the note with the project's token", async () => {
  expect(await note(PREVIEW)).toEqual({ exitCode: 0, output: "Note on merge request !5 created.\n" });
  expect(gitlab.requests).toEqual([
    { method: "GET", path: "/api/v4/projects/42/merge_requests/5/notes?per_page=100&page=1", token: "glpat-x" },
    {
      method: "POST",
      path: "/api/v4/projects/42/merge_requests/5/notes",
      token: "glpat-x",
      body: `<!-- slipway preview qa -->\n${noteText(PREVIEW, SUCCEEDED)}`,
    },
  ]);
});

test("a later push replaces the note of its stack, and no other", async () => {
  await note(PREVIEW, { SLIPWAY_STACK: "prod" });
  gitlab.notes.push(...Array.from({ length: 100 }, (_, index) => ({ id: 500 + index, body: "what people say" })));
  await note(PREVIEW);
  gitlab.requests.length = 0;
  expect(await note("Resources:\n    2 unchanged")).toEqual({
    exitCode: 0,
    output: "Note on merge request !5 updated.\n",
  });
  expect(gitlab.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
    "GET /api/v4/projects/42/merge_requests/5/notes?per_page=100&page=1",
    "GET /api/v4/projects/42/merge_requests/5/notes?per_page=100&page=2",
    "PUT /api/v4/projects/42/merge_requests/5/notes/202",
  ]);
  expect(gitlab.notes.filter(({ body }) => body.startsWith("<!-- slipway"))).toHaveLength(2);
});

test("without a token there is no note, and the job goes on", async () => {
  expect(await note(PREVIEW, { GITLAB_TOKEN: "" })).toEqual({
    exitCode: 0,
    output:
      "No note on the merge request: GITLAB_TOKEN is not set. Settings > CI/CD > Variables takes a project access token" +
      " with the scope api, not protected, as merge requests come from branches that are not.\n",
  });
  expect(gitlab.requests).toEqual([]);
});

test("outside of a merge request's job it names what is missing", async () => {
  await expect(note(PREVIEW, { CI_MERGE_REQUEST_IID: undefined })).rejects.toThrow(
    "there is no merge request to write to: CI_MERGE_REQUEST_IID not set",
  );
});

test("GitLab's refusal is told with what was asked", async () => {
  gitlab.refuse = { status: 401, body: '{"message":"401 Unauthorized"}' };
  await expect(note(PREVIEW)).rejects.toThrow(
    `GitLab answered 401 to GET ${gitlab.url}/projects/42/merge_requests/5/notes?per_page=100&page=1: {"message":"401 Unauthorized"}`,
  );
});

async function note(preview: string, more: NodeJS.ProcessEnv = {}): Promise<{ exitCode: number; output: string }> {
  const file = join(directory, "preview.txt");
  await writeFile(file, preview);
  const output = new PassThrough();
  const environment = {
    CI_API_V4_URL: gitlab.url,
    CI_PROJECT_ID: "42",
    CI_MERGE_REQUEST_IID: "5",
    CI_JOB_URL: "https://gitlab.example/jobs/7",
    CI_JOB_STATUS: "success",
    SLIPWAY_STACK: "qa",
    GITLAB_TOKEN: "glpat-x",
    ...more,
  };
  const exitCode = await writeNote(file, environment, output);
  output.end();
  return { exitCode, output: await text(output) };
}
