import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { z } from "zod";
import { act } from "../../toolchain/needs/act.ts";
import { gitIn } from "./bare-repository.ts";
import { provide } from "./provide.ts";
import type { Workspace } from "./workspace.ts";

const PROJECT = "team/shop";
const DEFAULT_BRANCH = "main";

/** What a workflow is run for. */
export type WorkflowEvent =
  | { push: string }
  | { tag: string }
  | { pullRequest: string; number: number }
  | { deleted: string }
  | { schedule: true };

/** How a workflow has ended. */
export interface WorkflowRun {
  exitCode: number;
  /** What its steps printed. */
  output: string;
  /** How its jobs ended, of those that were run. */
  jobs: Record<string, string>;
}

/** A GitHub that there is not, whose API answers at an address with HTTPS. */
export interface GitHub {
  /** Host and port. */
  instance: string;
  /** PEM of the certificate that it shows. */
  certificate: string;
}

/**
 * Prepares to run the workflow of a workspace, whose `origin` is a repository, as a self-hosted runner would: on what is
 * checked out for the event, with the secrets of the project alone.
 */
export async function createGitHubRunner(
  workspace: Workspace,
  github: GitHub,
): Promise<(event: WorkflowEvent) => Promise<WorkflowRun>> {
  const program = await provide(act);
  const directory = join(workspace.directory, ".slipway/act");
  const certificateFile = join(directory, "github.pem");
  await mkdir(join(directory, "config/act"), { recursive: true });
  // Without one it asks which images to use.
  await writeFile(join(directory, "config/act/actrc"), "");
  await writeFile(certificateFile, github.certificate);
  const git = gitIn(workspace);
  const { PULUMI_BACKEND_URL = "", PULUMI_CONFIG_PASSPHRASE = "" } = workspace.env;
  const secrets = { GITHUB_TOKEN: "ghp-secret", PULUMI_BACKEND_URL, PULUMI_CONFIG_PASSPHRASE };

  return async (event) => {
    await checkOut(git, event);
    const payload = join(directory, "event.json");
    await writeFile(payload, JSON.stringify(payloadOf(event)));
    const { exitCode, stdout, output } = await workspace.run("env", [
      // A job has these from the project's secrets alone.
      "--unset=PULUMI_BACKEND_URL",
      "--unset=PULUMI_CONFIG_PASSPHRASE",
      `XDG_CACHE_HOME=${join(directory, "cache")}`,
      `XDG_CONFIG_HOME=${join(directory, "config")}`,
      `NODE_EXTRA_CA_CERTS=${certificateFile}`,
      ...[program, nameOf(event), "--eventpath", payload, "--json", "--bind", "--no-cache-server"],
      ...["--platform", "self-hosted=-self-hosted", "--github-instance", github.instance],
      ...[
        "--defaultbranch",
        DEFAULT_BRANCH,
        "--env",
        `GITHUB_REPOSITORY=${PROJECT}`,
        "--artifact-server-addr",
        "127.0.0.1",
        "--actor",
        "dev",
      ],
      ...Object.entries(secrets).flatMap(([name, value]) => ["--secret", `${name}=${value}`]),
    ]);
    return { exitCode, ...readLog(stdout === "" ? output : stdout) };
  };
}

const logLine = z.object({
  msg: z.string(),
  jobID: z.string().optional(),
  jobResult: z.string().optional(),
  raw_output: z.boolean().optional(),
});

function readLog(text: string): Pick<WorkflowRun, "output" | "jobs"> {
  const lines = text.split("\n").flatMap((line) => {
    const read = line.startsWith("{") ? logLine.safeParse(JSON.parse(line)) : undefined;
    return read?.success ? [read.data] : [];
  });
  const ended = lines.flatMap(({ jobID, jobResult }) => (jobID && jobResult ? [[jobID, jobResult] as const] : []));
  return {
    output: stripVTControlCharacters(lines.map(({ msg }) => msg).join("\n")),
    jobs: Object.fromEntries(ended),
  };
}

function nameOf(event: WorkflowEvent): string {
  if ("pullRequest" in event) return "pull_request";
  if ("deleted" in event) return "delete";
  return "schedule" in event ? "schedule" : "push";
}

/** The part of GitHub's payload that workflows of ours read. */
function payloadOf(event: WorkflowEvent): object {
  const repository = { full_name: PROJECT, name: "shop", owner: { login: "team" }, default_branch: DEFAULT_BRANCH };
  if ("push" in event) return { repository, ref: `refs/heads/${event.push}` };
  if ("tag" in event) return { repository, ref: `refs/tags/${event.tag}` };
  if ("deleted" in event) return { repository, ref: event.deleted, ref_type: "branch" };
  if ("schedule" in event) return { repository, schedule: "17 5 * * *" };
  const { pullRequest: ref, number } = event;
  const head = { ref, repo: { full_name: PROJECT } };
  return { repository, number, pull_request: { number, head, base: { ref: DEFAULT_BRANCH } } };
}

/** As actions/checkout does with the workflow's settings, which act leaves out where the directory is bound. */
async function checkOut(git: (...args: string[]) => Promise<void>, event: WorkflowEvent): Promise<void> {
  await git("fetch", "--quiet", "--tags", "origin");
  await git("checkout", "--quiet", "--force", ...refOf(event));
}

function refOf(event: WorkflowEvent): string[] {
  if ("tag" in event) return ["--detach", `refs/tags/${event.tag}`];
  const branch = "push" in event ? event.push : "pullRequest" in event ? event.pullRequest : DEFAULT_BRANCH;
  return ["-B", branch, `refs/remotes/origin/${branch}`];
}
