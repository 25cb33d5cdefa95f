import { z } from "zod";
import { ExitCode, UserError } from "./errors.ts";

/** Where the notes of one merge or pull request are, and how they are written. */
export interface Conversation {
  /** For people: `merge request !5`. */
  name: string;
  /** The stack's preview job, for people to read. */
  jobUrl: string;
  /** Service that keeps it. */
  forge: "GitLab" | "GitHub";
  /** Address of its notes in the API. */
  notes: string;
  /** Address of one of them. */
  note: (id: number) => string;
  headers: Record<string, string>;
}

const ANSWER_SECONDS = 30;
const PER_PAGE = 100;

// docs.gitlab.com/ci/variables/predefined_variables
const gitlabJob = z.object({
  CI_API_V4_URL: z.string().min(1),
  CI_PROJECT_ID: z.string().min(1),
  CI_MERGE_REQUEST_IID: z.string().min(1),
  CI_JOB_URL: z.string().default(""),
});

// docs.github.com/actions/reference/workflows-and-actions/variables
const githubJob = z.object({
  GITHUB_API_URL: z.string().min(1),
  GITHUB_REPOSITORY: z.string().min(1),
  GITHUB_REF: z.string().regex(/^refs\/pull\/\d+\//),
  GITHUB_SERVER_URL: z.string().default(""),
  GITHUB_RUN_ID: z.string().default(""),
});

/**
 * The conversation of the current CI job's merge or pull request. Undefined where there is no token to write with.
 *
 * @throws {UserError} when this is no job of a merge or pull request.
 */
export function conversationOf(environment: NodeJS.ProcessEnv): Conversation | undefined {
  const isGitHub = environment.GITHUB_ACTIONS === "true";
  const token = isGitHub ? environment.GITHUB_TOKEN : environment.GITLAB_TOKEN;
  if (token === undefined || token === "") return undefined;
  return isGitHub ? pullRequest(environment, token) : mergeRequest(environment, token);
}

/**
 * Writes a note, in place of an earlier one that begins with the same marker.
 *
 * @throws {Error} when the forge does not answer, or refuses.
 */
export async function writeNoteTo(
  conversation: Conversation,
  marker: string,
  text: string,
): Promise<"created" | "updated"> {
  const body = `${marker}\n${text}`;
  const earlier = await find(conversation, marker);
  if (earlier === undefined) await send(conversation, "POST", conversation.notes, { body });
  else
    await send(conversation, conversation.forge === "GitHub" ? "PATCH" : "PUT", conversation.note(earlier), { body });
  return earlier === undefined ? "created" : "updated";
}

function mergeRequest(environment: NodeJS.ProcessEnv, token: string): Conversation {
  const job = read(gitlabJob, environment);
  const notes = `${job.CI_API_V4_URL}/projects/${job.CI_PROJECT_ID}/merge_requests/${job.CI_MERGE_REQUEST_IID}/notes`;
  return {
    name: `merge request !${job.CI_MERGE_REQUEST_IID}`,
    jobUrl: job.CI_JOB_URL,
    forge: "GitLab",
    notes,
    note: (id) => `${notes}/${id}`,
    headers: { "PRIVATE-TOKEN": token },
  };
}

function pullRequest(environment: NodeJS.ProcessEnv, token: string): Conversation {
  const job = read(githubJob, environment);
  const issues = `${job.GITHUB_API_URL}/repos/${job.GITHUB_REPOSITORY}/issues`;
  const [, , number = ""] = job.GITHUB_REF.split("/");
  return {
    name: `pull request #${number}`,
    jobUrl: `${job.GITHUB_SERVER_URL}/${job.GITHUB_REPOSITORY}/actions/runs/${job.GITHUB_RUN_ID}`,
    forge: "GitHub",
    notes: `${issues}/${number}/comments`,
    note: (id) => `${issues}/comments/${id}`,
    headers: { Authorization: `Bearer ${token}`, Accept: "application/vnd.github+json" },
  };
}

function read<Job>(schema: z.ZodType<Job>, environment: NodeJS.ProcessEnv): Job {
  const { success, data, error } = schema.safeParse(environment);
  if (success) return data;
  const missing = error.issues.map(({ path }) => path.join(".")).join(", ");
  throw new UserError(
    `there is no merge request to write to: ${missing} not set`,
    "Run it in a job of a merge request's pipeline, as .gitlab-ci.yml and .github/workflows/environments.yml do.",
    ExitCode.usage,
  );
}

async function find(conversation: Conversation, marker: string): Promise<number | undefined> {
  for (let page = 1; ; page += 1) {
    const answer = await send(conversation, "GET", `${conversation.notes}?per_page=${PER_PAGE}&page=${page}`);
    const notes = notesSchema.parse(await answer.json());
    const found = notes.find(({ body }) => body.startsWith(marker));
    if (found !== undefined || notes.length < PER_PAGE) return found?.id;
  }
}

async function send(
  { forge, headers }: Conversation,
  method: string,
  url: string,
  content?: object,
): Promise<Response> {
  const answer = await fetch(url, {
    method,
    headers: { ...headers, ...(content && { "Content-Type": "application/json" }) },
    body: content && JSON.stringify(content),
    signal: AbortSignal.timeout(ANSWER_SECONDS * 1000),
  });
  if (answer.ok) return answer;
  throw new Error(`${forge} answered ${answer.status} to ${method} ${url}: ${(await answer.text()).slice(0, 500)}`);
}

const notesSchema = z.array(z.object({ id: z.number(), body: z.string() }));
