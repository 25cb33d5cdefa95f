import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { noteText, writeNote } from "../../../toolchain/commands/note.ts";
import type { Preview } from "../../../toolchain/preview/changes.ts";
import { startGitLab, type GitLab } from "../../support/gitlab.ts";

const VOLUME = { urn: "", kind: "volume", name: "qa-logs-volume", differs: [], holdsData: true, retained: false };
const NETWORK = { ...VOLUME, kind: "network", name: "qa-network", holdsData: false };
const PREVIEW: Preview & { succeeded: boolean } = {
  succeeded: true,
  unchanged: 7,
  messages: [],
  changes: [
    { ...NETWORK, operation: "created" },
    { ...NETWORK, name: "qa-web-1", kind: "container", operation: "replaced", differs: ["memory 128 → 100", "a`b"] },
    { ...VOLUME, operation: "deleted" },
  ],
};
const JOB = { stack: "qa", url: "https://gitlab.example/jobs/7" };

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

test("a note begins with the data at risk and folds what is new", () => {
  expect(noteText(PREVIEW, JOB)).toBe(
    [
      "**Preview of stack `qa`**: 3 to change, 7 unchanged ([job](https://gitlab.example/jobs/7))",
      "⚠️ **Data at risk**",
      "- `volume qa-logs-volume leaves the stack; its data is deleted`",
      "**Replaced**",
      "- `container qa-web-1: memory 128 → 100, a'b`",
      "<details><summary>Created (1)</summary>",
      "- `network qa-network`",
      "</details>",
    ].join("\n\n"),
  );
});

test("a note on a change of nothing says so", () => {
  expect(noteText({ ...PREVIEW, changes: [] }, JOB)).toBe(
    "**Preview of stack `qa`**: nothing to change, 7 unchanged ([job](https://gitlab.example/jobs/7))",
  );
});

test("a failed preview's note says why, whatever is in it", () => {
  const messages = [{ severity: "error" as const, text: "a\n````\nb" }];
  expect(noteText({ succeeded: false, unchanged: 0, changes: [], messages }, JOB)).toBe(
    "**Preview of stack `qa` failed** ([job](https://gitlab.example/jobs/7))\n\nerror\n`````text\na\n````\nb\n`````",
  );
});

test("a job that failed before Pulumi ran leads to its log", () => {
  expect(noteText(undefined, JOB)).toBe(
    "**Preview of stack `qa` failed** ([job](https://gitlab.example/jobs/7))\n\n" +
      "It failed before Pulumi ran; the log of the job says why.",
  );
});

test("of many changes of one kind the first 50 are shown", () => {
  const changes = Array.from({ length: 53 }, (_, index) => ({
    ...NETWORK,
    name: `n${index}`,
    operation: "deleted" as const,
  }));
  expect(noteText({ ...PREVIEW, changes }, JOB)).toMatch(/\*\*Deleted\*\*\n\n(- `network n\d+`\n){50}- and 3 more$/);
});

test("the first push creates the note with the project's token", async () => {
  expect(await note(PREVIEW)).toEqual({ exitCode: 0, output: "Note on merge request !5 created.\n" });
  expect(gitlab.requests).toEqual([
    { method: "GET", path: "/api/v4/projects/42/merge_requests/5/notes?per_page=100&page=1", token: "glpat-x" },
    {
      method: "POST",
      path: "/api/v4/projects/42/merge_requests/5/notes",
      token: "glpat-x",
      body: `<!-- slipway preview qa -->\n${noteText(PREVIEW, JOB)}`,
    },
  ]);
});

test("a later push replaces the note of its stack, and no other", async () => {
  await note(PREVIEW, {}, "prod");
  gitlab.notes.push(...Array.from({ length: 100 }, (_, index) => ({ id: 500 + index, body: "what people say" })));
  await note(PREVIEW);
  gitlab.requests.length = 0;
  expect(await note({ ...PREVIEW, changes: [] })).toEqual({
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

test("in GitHub Actions it is a comment on the pull request, which a later push replaces", async () => {
  const github = {
    GITHUB_ACTIONS: "true",
    GITHUB_API_URL: gitlab.url,
    GITHUB_REPOSITORY: "team/shop",
    GITHUB_REF: "refs/pull/5/merge",
    GITHUB_SERVER_URL: "https://github.example",
    GITHUB_RUN_ID: "9",
    GITHUB_TOKEN: "ghs-x",
  };
  expect(await note(PREVIEW, github)).toEqual({ exitCode: 0, output: "Note on pull request #5 created.\n" });
  expect(await note(PREVIEW, github)).toEqual({ exitCode: 0, output: "Note on pull request #5 updated.\n" });
  expect(gitlab.requests.map(({ method, path, token }) => `${method} ${path} ${token}`)).toEqual([
    "GET /api/v4/repos/team/shop/issues/5/comments?per_page=100&page=1 Bearer ghs-x",
    "POST /api/v4/repos/team/shop/issues/5/comments Bearer ghs-x",
    "GET /api/v4/repos/team/shop/issues/5/comments?per_page=100&page=1 Bearer ghs-x",
    "PATCH /api/v4/repos/team/shop/issues/comments/101 Bearer ghs-x",
  ]);
  expect(gitlab.notes[0]?.body).toContain("([job](https://github.example/team/shop/actions/runs/9))");
});

test("outside of a pull request's job it names what is missing", async () => {
  const push = { GITHUB_ACTIONS: "true", GITHUB_TOKEN: "x", GITHUB_API_URL: "x", GITHUB_REPOSITORY: "x/y" };
  await expect(note(PREVIEW, { ...push, GITHUB_REF: "refs/heads/main" })).rejects.toThrow(
    "there is no merge request to write to: GITHUB_REF not set",
  );
});

test("GitLab's refusal is told with what was asked", async () => {
  gitlab.refuse = { status: 401, body: '{"message":"401 Unauthorized"}' };
  await expect(note(PREVIEW)).rejects.toThrow(
    `GitLab answered 401 to GET ${gitlab.url}/projects/42/merge_requests/5/notes?per_page=100&page=1: {"message":"401 Unauthorized"}`,
  );
});

async function note(
  preview: object,
  more: NodeJS.ProcessEnv = {},
  stack = "qa",
): Promise<{ exitCode: number; output: string }> {
  const file = join(directory, "preview.json");
  await writeFile(file, JSON.stringify(preview));
  const output = new PassThrough();
  const environment = {
    CI_API_V4_URL: gitlab.url,
    CI_PROJECT_ID: "42",
    CI_MERGE_REQUEST_IID: "5",
    CI_JOB_URL: "https://gitlab.example/jobs/7",
    GITLAB_TOKEN: "glpat-x",
    ...more,
  };
  const exitCode = await writeNote({ stack, file }, environment, output);
  output.end();
  return { exitCode, output: await text(output) };
}
