import type Docker from "dockerode";
import { inspectIfThere, unlessGone } from "../engine/engine.ts";
import { findImage } from "../image/pull.ts";
import type { ResourceContext } from "../plugin/resource.ts";
import { refuseRoot } from "../release/containers.ts";
import { claimContainer } from "./claim.ts";
import { endOf, stop } from "./ending.ts";
import type { Ending } from "./ending.ts";
import { containerOf } from "./inputs.ts";
import type { JobRunPlan, JobRunState } from "./inputs.ts";
import { followOutput } from "./output.ts";

const LINES_TOLD = 500;

/**
 * Runs a job to its end, never beside another run of it, and tells each line that it prints. Its container stays, for its
 * log, until the next run.
 *
 * @throws {Error} when it ends with another code than 0, or not in time; it ends with the last lines that it printed.
 */
export async function runJob(docker: Docker, plan: JobRunPlan, context: ResourceContext): Promise<JobRunState> {
  await findImage(docker, plan.image, context);
  const container = await claimContainer(docker, plan, context);
  const began = Date.now();
  const output = await start(docker, container, plan, context);
  context.progress(`${plan.job} runs, for at most ${plan.timeoutSeconds} s`);
  const end = await untilEnded(container, plan, context);
  await output.ended;
  const seconds = Math.round((Date.now() - began) / 100) / 10;
  const fault = await faultOf(container, end, seconds, plan);
  if (fault !== undefined) {
    throw new Error(
      `job ${plan.job} ${fault}; what waits for it was not released, and the next up runs it again. ` +
        `Its last log lines:\n${output.tail()}`,
    );
  }
  context.info(`${plan.job} ${plan.version}: done after ${seconds.toFixed(1)} s`);
  return { ...plan, container: containerOf(plan), ranAt: new Date().toISOString(), seconds };
}

/** What could not be started must keep the name from nobody. */
async function start(docker: Docker, container: Docker.Container, plan: JobRunPlan, context: ResourceContext) {
  try {
    if (!plan.allowRoot) await refuseRoot(docker, [containerOf(plan)]);
    const output = await followOutput(container, teller(plan, context));
    await container.start();
    return output;
  } catch (error) {
    await unlessGone(container.remove({ force: true, v: true }));
    throw error;
  }
}

/** Whatever ends the wait, the program does not go on where nobody looks after it. */
async function untilEnded(container: Docker.Container, plan: JobRunPlan, { signal }: ResourceContext): Promise<Ending> {
  let end: Ending = "interrupted";
  try {
    end = await endOf(container, plan.timeoutSeconds, signal);
    return end;
  } finally {
    if (typeof end === "string") await stop(container);
  }
}

async function faultOf(
  container: Docker.Container,
  end: Ending,
  seconds: number,
  { timeoutSeconds, memory }: JobRunPlan,
): Promise<string | undefined> {
  if (end === "interrupted") return "was stopped before its end";
  // The supervisor may have been a moment sooner.
  const isLate = end === "timed out" || (end.exitCode !== 0 && seconds >= timeoutSeconds);
  if (isLate) return `did not end within timeoutSeconds = ${timeoutSeconds} and was stopped`;
  if (end.exitCode === 0) return undefined;
  const isOutOfMemory = (await inspectIfThere(container))?.State.OOMKilled;
  return isOutOfMemory ? `was killed for want of memory: memoryMb = ${memory}` : `exited with code ${end.exitCode}`;
}

/** Tells lines as they come; a program that prints without end does not fill the output of `up`. */
function teller(plan: JobRunPlan, context: ResourceContext): (line: string) => void {
  let told = 0;
  return (line) => {
    told += 1;
    const text = `${plan.job}: ${line}`;
    if (told <= LINES_TOLD) context.info(text);
    else context.progress(text);
    if (told === LINES_TOLD) context.info(`${plan.job}: (more with docker logs ${containerOf(plan)})`);
  };
}
