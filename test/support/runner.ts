import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gitIn } from "./bare-repository.ts";
import type { GitLab } from "./gitlab.ts";
import type { CommandResult, Workspace } from "./workspace.ts";

const STAND_INS = ".slipway/stand-ins";

/** What a pipeline is run for. */
export type PipelineEvent =
  { branch: string } | { tag: string } | { mergeRequest: string; iid: number } | { schedule: string };

/** Runs pipelines of a workspace's `.gitlab-ci.yml` there, as a GitLab runner with a shell would. */
export interface Runner {
  /** Fetches from `origin` what an event is about. */
  checkOut: (event: PipelineEvent) => Promise<void>;
  /** Runs jobs of an event's pipeline; without their names all that need nobody to start them. */
  run: (
    event: PipelineEvent,
    jobs?: readonly string[],
    more?: Record<string, string | undefined>,
  ) => Promise<CommandResult>;
  /** Names of the jobs of an event's pipeline, and when they run. */
  jobsOf: (event: PipelineEvent) => Promise<Record<string, string>>;
}

/** Sets up a runner that tells jobs of a GitLab. */
export async function createRunner(workspace: Workspace, gitlab: GitLab): Promise<Runner> {
  await standInForRsync(workspace);
  const git = gitIn(workspace);
  const { PULUMI_BACKEND_URL, PULUMI_CONFIG_PASSPHRASE, PATH = "" } = workspace.env;
  const project = {
    CI_API_V4_URL: gitlab.url,
    CI_PROJECT_ID: "42",
    CI_DEFAULT_BRANCH: "main",
    GITLAB_TOKEN: "glpat-secret",
    PULUMI_BACKEND_URL,
    PULUMI_CONFIG_PASSPHRASE,
  };
  const gitlabCi = (event: PipelineEvent, args: readonly string[], more: Record<string, string | undefined> = {}) => {
    const variables = { ...project, ...variablesOf(event), ...more };
    return workspace.run("env", [
      // A runner has these from the project's variables alone.
      "--unset=PULUMI_BACKEND_URL",
      "--unset=PULUMI_CONFIG_PASSPHRASE",
      `PATH=${join(workspace.directory, STAND_INS)}:${PATH}`,
      ...["gitlab-ci-local", ...args, "--no-color", "--no-shell-isolation", "--concurrency=1"],
      // It knows better what some of them are, and says so.
      `--ignore-predefined-vars=${Object.keys(variables).join(",")}`,
      ...flagsOf(variables),
    ]);
  };
  return {
    checkOut: (event) => fetchSources(git, event),
    run: (event, jobs = [], more) => gitlabCi(event, jobs, more),
    async jobsOf(event) {
      const { stdout } = await gitlabCi(event, ["--list-json"]);
      const jobs = JSON.parse(stdout) as { name: string; when: string }[];
      return Object.fromEntries(jobs.filter(({ when }) => when !== "never").map(({ name, when }) => [name, when]));
    },
  };
}

function variablesOf(event: PipelineEvent): Record<string, string | undefined> {
  if ("mergeRequest" in event) {
    const mergeRequest = { CI_PIPELINE_SOURCE: "merge_request_event", CI_MERGE_REQUEST_IID: String(event.iid) };
    return { ...mergeRequest, CI_COMMIT_REF_NAME: event.mergeRequest, CI_COMMIT_BRANCH: undefined };
  }
  const source = { CI_PIPELINE_SOURCE: "schedule" in event ? "schedule" : "push" };
  if ("tag" in event) {
    return { ...source, CI_COMMIT_TAG: event.tag, CI_COMMIT_REF_NAME: event.tag, CI_COMMIT_BRANCH: undefined };
  }
  const branch = refOf(event);
  return { ...source, CI_COMMIT_BRANCH: branch, CI_COMMIT_REF_NAME: branch, CI_COMMIT_REF_SLUG: slugOf(branch) };
}

function refOf(event: PipelineEvent): string {
  if ("mergeRequest" in event) return event.mergeRequest;
  if ("tag" in event) return event.tag;
  return "branch" in event ? event.branch : event.schedule;
}

/** GitLab's own; it is no DNS label of a review environment. */
function slugOf(branch: string): string {
  return branch.toLowerCase().replace(/[^a-z0-9]/g, "-");
}

function flagsOf(variables: Record<string, string | undefined>): string[] {
  return Object.entries(variables).flatMap(([name, value]) =>
    value === undefined ? ["--unset-variable", name] : ["--variable", `${name}=${value}`],
  );
}

/** As a runner does with `GIT_CLEAN_FLAGS` of `.gitlab-ci.yml`; the checkout's own links are files of the repository here. */
async function fetchSources(git: (...args: string[]) => Promise<void>, event: PipelineEvent): Promise<void> {
  const ref = "tag" in event ? `refs/tags/${event.tag}` : `refs/remotes/origin/${refOf(event)}`;
  await git("fetch", "--quiet", "--tags", "origin");
  await git("checkout", "--quiet", "--force", "--detach", ref);
  await git("clean", "--quiet", "-ffdx", "-e", "node_modules/", "-e", ".slipway/");
}

/** gitlab-ci-local copies what it is started in for jobs in containers; a machine need not have rsync for shell jobs. */
async function standInForRsync({ directory }: Workspace): Promise<void> {
  await mkdir(join(directory, STAND_INS));
  await writeFile(join(directory, STAND_INS, "rsync"), "#!/bin/sh\n", { mode: 0o755 });
}
