import { readFile } from "node:fs/promises";
import { z } from "zod";
import { ExitCode, UserError } from "../errors.ts";
import { MergeRequestNotes } from "../gitlab.ts";

// GitLab takes 1,000,000 characters in a note; people read far fewer, and the artifact has them all.
const LONGEST_PREVIEW = 50_000;
const GIST_LINES = 30;

// What GitLab sets in a job of a merge request's pipeline (docs.gitlab.com/ci/variables/predefined_variables).
const jobSchema = z.object({
  CI_API_V4_URL: z.string().min(1),
  CI_PROJECT_ID: z.string().min(1),
  CI_MERGE_REQUEST_IID: z.string().min(1),
  CI_JOB_URL: z.string().default(""),
  CI_JOB_STATUS: z.string().default(""),
  SLIPWAY_STACK: z.string().min(1),
});

/** The job that a note speaks of. */
export interface PreviewJob {
  stack: string;
  succeeded: boolean;
  /** Address of its page, with its log and artifacts. */
  url: string;
}

/**
 * Writes what a preview printed as a note on the merge request of the current CI job; a later push replaces it. Without
 * a token it says so and is content.
 *
 * @param file - what the preview printed; there is none when the job failed before
 * @throws {UserError} when this is no job of a merge request.
 */
export async function writeNote(
  file: string,
  environment: NodeJS.ProcessEnv,
  output: NodeJS.WritableStream,
): Promise<number> {
  const token = environment.GITLAB_TOKEN;
  if (token === undefined || token === "") {
    output.write(
      "No note on the merge request: GITLAB_TOKEN is not set. Settings > CI/CD > Variables takes a project access token" +
        " with the scope api, not protected, as merge requests come from branches that are not.\n",
    );
    return ExitCode.done;
  }
  const job = readJob(environment);
  const mergeRequest = `${job.CI_API_V4_URL}/projects/${job.CI_PROJECT_ID}/merge_requests/${job.CI_MERGE_REQUEST_IID}`;
  const stack = job.SLIPWAY_STACK;
  const text = noteText(await readFile(file, "utf8").catch(() => undefined), {
    stack,
    succeeded: job.CI_JOB_STATUS === "success",
    url: job.CI_JOB_URL,
  });
  const done = await new MergeRequestNotes(mergeRequest, token).write(`<!-- slipway preview ${stack} -->`, text);
  output.write(`Note on merge request !${job.CI_MERGE_REQUEST_IID} ${done}.\n`);
  return ExitCode.done;
}

/** The text of a note in GitLab's Markdown: what comes of it, or what failed, then all that was printed, folded. */
export function noteText(preview: string | undefined, { stack, succeeded, url }: PreviewJob): string {
  const heading = `**Preview of stack \`${stack}\`${succeeded ? "" : " failed"}** ([job](${url}))`;
  if (preview === undefined) return `${heading}\n\nIt failed before Pulumi ran; the log of the job says why.`;
  const shown = preview.trim();
  const title = shown.length > LONGEST_PREVIEW ? `Its last ${LONGEST_PREVIEW} characters` : "All of it";
  return [
    heading,
    fenced(gistOf(shown, succeeded)),
    `<details><summary>${title}</summary>`,
    fenced(shown.slice(-LONGEST_PREVIEW)),
    "</details>",
  ].join("\n\n");
}

/** The counts that a preview ends with; the last lines of one that failed, which say why. */
function gistOf(preview: string, succeeded: boolean): string {
  const counts = succeeded ? preview.lastIndexOf("\nResources:") : -1;
  return counts < 0 ? preview.split("\n").slice(-GIST_LINES).join("\n") : preview.slice(counts + 1);
}

/** A code block whose fence is longer than any that the text has itself. */
function fenced(text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}`;
}

function readJob(environment: NodeJS.ProcessEnv): z.infer<typeof jobSchema> {
  const { success, data, error } = jobSchema.safeParse(environment);
  if (success) return data;
  const missing = error.issues.map(({ path }) => path.join(".")).join(", ");
  throw new UserError(
    `there is no merge request to write to: ${missing} not set`,
    "Run it in a job of a merge request's pipeline, as .gitlab-ci.yml does.",
    ExitCode.usage,
  );
}
