import type Docker from "dockerode";
import { describe } from "../plugin/describe.ts";
import { uninterrupted } from "../plugin/resource.ts";
import type { ResourceContext } from "../plugin/resource.ts";
import { refuseRoot, start, stop } from "./containers.ts";
import { total } from "./front.ts";
import type { Front } from "./front.ts";
import type { Durations, ReleasePlan, ReleaseState } from "./inputs.ts";
import { isProxied, proxiedFront } from "./proxied.ts";
import { workerFront } from "./worker.ts";

/**
 * Lets the new containers take over: they are checked, then they get the work, then the old ones finish theirs. Begins
 * with what is there, whatever that is, so that it completes what an interrupted release has begun.
 *
 * @returns how long each part took, in seconds.
 * @throws {Error} when a container does not become ready, the hosts are another service's, or no proxy runs; what served
 * before serves again, and the new containers are stopped.
 */
export async function runRelease(
  docker: Docker,
  inputs: ReleasePlan,
  previous: ReleaseState | undefined,
  context: ResourceContext,
): Promise<Durations> {
  if (!inputs.allowRoot) await refuseRoot(docker, inputs.containers);
  const front = frontOf(docker, inputs, previous, context);
  if (inputs.rolling === undefined) return releaseBeside(docker, front, inputs, previous);
  try {
    return await releaseInTurns(docker, front, inputs, inputs.rolling, context);
  } catch (error) {
    const calm = uninterrupted(context);
    if (previous) await restore(docker, { ...previous, rolling: inputs.rolling }, inputs, calm, error);
    throw error;
  }
}

function frontOf(
  docker: Docker,
  inputs: ReleasePlan,
  others: Pick<ReleaseState, "released"> | undefined,
  context: ResourceContext,
): Front {
  if (isProxied(inputs)) return proxiedFront(docker, inputs, context);
  return workerFront(docker, inputs, others?.released ?? [], context);
}

/** All new containers beside all old ones; nobody notices. */
async function releaseBeside(
  docker: Docker,
  front: Front,
  { containers, pidsLimit, stopSeconds }: ReleasePlan,
  previous: ReleaseState | undefined,
): Promise<Durations> {
  const newcomers = containers.filter((name) => !previous?.released.includes(name));
  return orStop(docker, newcomers, stopSeconds, async () => {
    await start(docker, containers, pidsLimit);
    return front.takeOver(containers);
  });
}

/** Never more containers at once than the service has: some old ones end before as many new ones start. */
async function releaseInTurns(
  docker: Docker,
  front: Front,
  { containers, pidsLimit, stopSeconds }: ReleasePlan,
  rolling: number,
  context: ResourceContext,
): Promise<Durations> {
  let serving = await front.serving();
  const turns: Durations[] = [];
  for (;;) {
    const starting = containers.filter((name) => !serving.includes(name)).slice(0, rolling);
    const old = serving.filter((name) => !containers.includes(name));
    const surplus = starting.length === 0 ? old.length : serving.length + starting.length - containers.length;
    const leaving = old.slice(0, Math.max(0, surplus));
    if (leaving.length > 0) {
      serving = serving.filter((name) => !leaving.includes(name));
      context.progress(`stopping ${leaving.join(", ")} before ${starting.join(", ") || "nothing"} starts`);
      turns.push(await front.takeOver(serving));
      await stop(docker, leaving, stopSeconds);
    }
    serving = [...serving, ...starting];
    const turn = orStop(docker, starting, stopSeconds, async () => {
      await start(docker, starting, pidsLimit);
      return front.takeOver(serving);
    });
    turns.push(await turn);
    if (containers.every((name) => serving.includes(name)) && serving.length === containers.length) return total(turns);
  }
}

/**
 * Stops containers that do not become ready: a program that crashes would be started again and again, and a worker would
 * work with a version that is no good.
 */
async function orStop<T>(
  docker: Docker,
  containers: readonly string[],
  stopSeconds: number,
  action: () => Promise<T>,
): Promise<T> {
  try {
    return await action();
  } catch (error) {
    await stop(docker, containers, stopSeconds);
    throw error;
  }
}

/** After a failure in turns some of the old containers are stopped: they take turns again, back to how it was. */
async function restore(
  docker: Docker,
  previous: ReleaseState & { rolling: number },
  { containers }: ReleasePlan,
  context: ResourceContext,
  cause: unknown,
): Promise<void> {
  const inputs = { ...previous, containers: previous.released };
  try {
    const front = frontOf(docker, inputs, { released: [...previous.released, ...containers] }, context);
    await releaseInTurns(docker, front, inputs, previous.rolling, context);
    context.warn(`${previous.service}: the containers before were started again and serve`);
  } catch (error) {
    const another = `The containers before could not be brought back either: ${describe(error)}`;
    throw new Error(`${describe(cause)}\n${another}`, { cause: error });
  }
}
