import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import { z } from "zod";
import { connect, inspectIfThere } from "./engine/engine.ts";
import { limitProcesses } from "./engine/limit.ts";
import { dockerName, label } from "./names.ts";
import { checkInputs } from "./plugin/inputs.ts";
import { changedProperties, defineResource } from "./plugin/resource.ts";
import type { ResourceContext } from "./plugin/resource.ts";
import { refuseRoot } from "./release/containers.ts";
import { containersLabelled, removeOrphans } from "./release/orphans.ts";

const inputs = z.object({
  /** Namespace of the environment. A change replaces. */
  namespace: label,
  /** Environment that the job belongs to. A change replaces. */
  environment: label,
  /** Name of the job within its environment. A change replaces. */
  job: label,
  /** Container that is to be started from now on, by name. */
  container: dockerName,
  /** How long a run of another version may go on, in seconds. 1-86400. */
  waitSeconds: z.int().min(1).max(86_400),
  /** Processes and threads of the container. */
  pidsLimit: z.int().min(1),
  /** True lets the image's own user be root. */
  allowRoot: z.boolean(),
});

/** Inputs of {@link jobRelease}. */
export type JobReleaseInputs = z.input<typeof inputs>;

type JobPlan = z.output<typeof inputs>;

const IDENTITY = ["namespace", "environment", "job"];
const POLL_MS = 500;

/**
 * One version of one job taking over: the next run is the new container's, and a run of the old one ends in its own
 * time. The old container may be removed as soon as this is done.
 */
export const jobRelease = defineResource({
  inputs,
  state: inputs,
  check: (news) => checkInputs(inputs, news),
  diff(olds, news) {
    const changed = changedProperties(olds.inputs, news);
    return { changed, replaces: changed.filter((key) => IDENTITY.includes(key)) };
  },
  async create(plan, context) {
    await takeOver(await connect(context), plan, context);
    return { id: `${plan.namespace}/${plan.environment}/${plan.job}`, state: plan };
  },
  async update(_id, olds, plan, context) {
    const docker = await connect(context);
    await takeOver(docker, plan, context);
    await removeOrphans(docker, await othersOf(docker, plan, [plan.container, olds.container]));
    return plan;
  },
  async read(_id, state, context) {
    const plan = inputs.parse(state);
    // One that a killed `up` could not record shows as another container, so that the next `up` removes it.
    const [orphan] = await othersOf(await connect(context), plan, [plan.container]);
    return { inputs: { ...plan, container: orphan ?? plan.container }, state };
  },
});

async function takeOver(docker: Docker, plan: JobPlan, context: ResourceContext): Promise<void> {
  if (!plan.allowRoot) await refuseRoot(docker, [plan.container]);
  // The supervisor starts no container without: it was given up before this.
  await limitProcesses(docker.getContainer(plan.container), plan.pidsLimit);
  await untilOthersEnded(docker, plan, context);
}

async function untilOthersEnded(docker: Docker, plan: JobPlan, context: ResourceContext): Promise<void> {
  const others = await othersOf(docker, plan, [plan.container]);
  if (others.length === 0) return;
  const began = Date.now();
  for (;;) {
    // The supervisor may just have been about to start the old one.
    await sleep(POLL_MS, undefined, { signal: context.signal });
    const running = await runningOf(docker, others);
    if (running.length === 0) return;
    const seconds = Math.round((Date.now() - began) / 1000);
    if (seconds > plan.waitSeconds) {
      context.warn(`${plan.job}: ${running.join(", ")} still ran after ${plan.waitSeconds} s and is stopped`);
      return;
    }
    context.progress(`waiting until the run of ${running.join(", ")} has ended (${seconds} s)`);
  }
}

/** Inspected one by one: unlike the engine's list, that waits for a start which is under way. */
async function runningOf(docker: Docker, names: readonly string[]): Promise<string[]> {
  const found = await Promise.all(names.map((name) => inspectIfThere(docker.getContainer(name))));
  return names.filter((_, index) => found[index]?.State.Running === true);
}

/** The job's containers other than those that are known, by name. */
async function othersOf(
  docker: Docker,
  { namespace, environment, job }: JobPlan,
  known: readonly string[],
): Promise<string[]> {
  const all = await containersLabelled(docker, { namespace, environment, job, role: "job" });
  return all.filter((name) => !known.includes(name));
}
