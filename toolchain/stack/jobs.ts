import type Docker from "dockerode";
import { inspectIfThere } from "../../provider/engine/engine.ts";
import { labels } from "../../provider/names.ts";
import type { RecordedJob } from "./releases.ts";

/** How the last run of a job went. */
export interface JobResult {
  job: string;
  version: string;
  image: string;
  /** Its schedule; undefined for a job that runs before a release. */
  schedule: string | undefined;
  container: string;
  /** Docker's word: `created`, `running`, `exited`, …; `gone` when there is no such container. */
  state: string;
  /** When the last run began, in ISO 8601; undefined before the first. */
  began: string | undefined;
  /** How long it took; undefined while it goes on. */
  seconds: number | undefined;
  exitCode: number | undefined;
  /** False when the last run has failed, or the container is gone. */
  works: boolean;
}

/** Asks the engine how the last run of each job went. */
export function resultsOf(docker: Docker, jobs: readonly RecordedJob[]): Promise<JobResult[]> {
  return Promise.all(
    jobs.map(async ({ job, container }) => {
      const info = await inspectIfThere(docker.getContainer(container));
      return info ? resultOf(job, container, info) : gone(job, container);
    }),
  );
}

function resultOf(job: string, container: string, { Config, State }: Docker.ContainerInspectInfo): JobResult {
  const [began, ended] = [Date.parse(State.StartedAt), Date.parse(State.FinishedAt)];
  const hasRun = began > 0;
  const hasEnded = hasRun && !State.Running;
  return {
    job,
    version: Config.Labels[labels.version] ?? "",
    image: Config.Image,
    schedule: Config.Labels[labels.schedule],
    container,
    state: State.Status,
    began: hasRun ? new Date(began).toISOString() : undefined,
    seconds: hasEnded ? Math.round((ended - began) / 100) / 10 : undefined,
    exitCode: hasEnded ? State.ExitCode : undefined,
    works: !hasEnded || State.ExitCode === 0,
  };
}

function gone(job: string, container: string): JobResult {
  const unknown = { version: "", image: "", schedule: undefined, began: undefined, seconds: undefined };
  return { job, container, ...unknown, state: "gone", exitCode: undefined, works: false };
}
