import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import { inspectIfThere, statusOf, unlessGone } from "../engine/engine.ts";
import { labels } from "../names.ts";
import type { ResourceContext } from "../plugin/resource.ts";
import { definitionOf, ownLabels } from "./definition.ts";
import { containerOf } from "./inputs.ts";
import type { JobRunPlan } from "./inputs.ts";
import { endOf, stop } from "./ending.ts";

const POLL_MS = 100;
const START_SECONDS = 10;

/**
 * Makes the job's container. Only one container of the engine can have its name, so this waits for a run that another
 * `up` has begun, or that an `up` has left when it was killed; what has ended is removed.
 *
 * @throws {Error} when a container that is none of this job's has the name.
 */
export async function claimContainer(
  docker: Docker,
  plan: JobRunPlan,
  context: ResourceContext,
): Promise<Docker.Container> {
  const definition = definitionOf(plan);
  for (;;) {
    try {
      return await docker.createContainer(definition);
    } catch (error) {
      if (statusOf(error) !== 409) throw error;
    }
    await giveWay(docker, plan, context);
  }
}

async function giveWay(docker: Docker, plan: JobRunPlan, context: ResourceContext): Promise<void> {
  const info = await inspectIfThere(docker.getContainer(containerOf(plan)));
  if (!info) return;
  refuseStranger(plan, info);
  // By its id: the name may be another run's in a moment.
  const other = docker.getContainer(info.Id);
  if (info.State.Status === "created") await untilStarted(other, context);
  else if (info.State.Running) await untilEnded(other, info, plan, context);
  else await removeEnded(other);
}

function refuseStranger(plan: JobRunPlan, { Name, Config }: Docker.ContainerInspectInfo): void {
  if (Object.entries(ownLabels(plan)).every(([label, value]) => Config.Labels[label] === value)) return;
  throw new Error(`container ${Name.slice(1)} is in the way: job ${plan.job} needs its name; remove or rename it`);
}

/** Another `up` is about to start it, or was killed before it could. */
async function untilStarted(other: Docker.Container, { signal }: ResourceContext): Promise<void> {
  const deadline = Date.now() + START_SECONDS * 1000;
  while (Date.now() < deadline) {
    const info = await inspectIfThere(other);
    if (info?.State.Status !== "created") return;
    await sleep(POLL_MS, undefined, { signal });
  }
  await removeEnded(other);
}

async function untilEnded(
  other: Docker.Container,
  { Config }: Docker.ContainerInspectInfo,
  { job }: JobRunPlan,
  context: ResourceContext,
): Promise<void> {
  const timeoutSeconds = Number(Config.Labels[labels.timeoutSeconds]);
  context.progress(`waiting until the run of ${job} that another deploy has begun has ended`);
  const end = await endOf(other, timeoutSeconds, context.signal);
  context.signal.throwIfAborted();
  if (end !== "timed out") return;
  context.warn(`${job}: a run that another deploy has begun still ran after ${timeoutSeconds} s and is stopped`);
  await stop(other);
}

async function removeEnded(other: Docker.Container): Promise<void> {
  try {
    await unlessGone(other.remove({ v: true }));
  } catch (error) {
    // It has been started after all, or another `up` is removing it.
    if (statusOf(error) !== 409) throw error;
    await sleep(POLL_MS);
  }
}
