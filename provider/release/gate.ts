import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import { lastLogLines } from "../container-log.ts";
import type { ResourceContext } from "../plugin/resource.ts";
import { exec } from "../engine/exec.ts";
import type { Runtime } from "../proxy/runtime.ts";
import { UNASSIGNED } from "../proxy/runtime-output.ts";
import type { RunningSlot } from "../proxy/runtime-output.ts";
import type { ContainerWatch, RunningContainer } from "./containers.ts";
import { hostOf } from "./definition.ts";
import { backendName } from "./fragment.ts";
import type { ReleasePlan } from "./inputs.ts";
import { probe } from "./probe.ts";
import type { Question } from "./probe.ts";
import type { SlotPlan } from "./slots.ts";

const POLL_MS = 100;
const PROGRESS_MS = 1000;

/** A container that is not ready yet, and why. */
interface Waiting {
  container: string;
  why: string;
}

/**
 * Waits until the proxy gets good answers from every new container and knows its address, while none of them gets a
 * request.
 *
 * @throws {Error} at once when a container exits, restarts or turns unhealthy, and when the time is over; it names the
 * container, what is wrong and its last log lines.
 */
export async function gateBehindProxy(
  docker: Docker,
  watch: ContainerWatch,
  runtime: Runtime,
  plan: SlotPlan,
  inputs: ReleasePlan,
  context: ResourceContext,
): Promise<void> {
  const backend = backendName(inputs);
  const newcomers = plan.targets.filter(({ slot }) => plan.newcomers.includes(slot));
  if (newcomers.length === 0) return;
  await runtime.run(newcomers.flatMap(({ container, slot }) => fill(`${backend}/${slot}`, container)));
  await untilReady(docker, watch, inputs, context, async (running) => {
    const unwell = await askCommands(
      docker,
      inputs,
      newcomers.map(({ container }) => container),
    );
    if (unwell) return unwell;
    const targets = newcomers.map(({ container }) => `${running.get(container)?.address ?? ""}:${inputs.port}`);
    const answers = await probe(runtime, questionOf(inputs), targets);
    const failed = answers.findIndex(({ passed }) => !passed);
    const [container, answer] = [newcomers[failed]?.container, answers[failed]?.answer];
    if (container !== undefined && answer !== undefined) return { container, why: answer };
    const slots = (await runtime.slots(backend)) ?? [];
    const unknown = newcomers.filter((newcomer) => !knows(slots, newcomer, running.get(newcomer.container)?.address));
    // Another service's reload has given the slot back.
    const lost = unknown.filter(
      ({ slot, container: own }) => !slots.some((it) => it.name === slot && it.container === own),
    );
    await runtime.run(lost.flatMap((newcomer) => fill(`${backend}/${newcomer.slot}`, newcomer.container)));
    return unknown[0] && { container: unknown[0].container, why: "the proxy has not found it by its name yet" };
  });
}

/** Waits until every container works by its own account; for services that the proxy does not know. */
export async function gateByItself(
  docker: Docker,
  watch: ContainerWatch,
  inputs: ReleasePlan,
  context: ResourceContext,
): Promise<void> {
  const began = Date.now();
  await untilReady(docker, watch, inputs, context, async (running) => {
    const unwell = await askCommands(docker, inputs, [...running.keys()]);
    if (unwell || inputs.health?.command) return unwell;
    const starting = [...running].find(([, { health }]) => health === "starting");
    if (starting) return { container: starting[0], why: "the health check of its image has not passed" };
    const left = inputs.steadySeconds - (Date.now() - began) / 1000;
    const unproven = [...running].find(([, { health }]) => health === "none");
    return unproven && left > 0
      ? { container: unproven[0], why: `it has to run for ${left.toFixed(0)} s more` }
      : undefined;
  });
}

/** Gives slots back, so that the proxy looks at them no more. */
export async function freeSlots(runtime: Runtime, backend: string, slots: readonly string[]): Promise<void> {
  await runtime.run(slots.flatMap((slot) => fill(`${backend}/${slot}`, UNASSIGNED)));
}

/** A slot in maintenance gets nothing; Docker's DNS is asked for the name from then on. */
function fill(server: string, container: string): string[] {
  return [`set server ${server} state maint`, `set server ${server} fqdn ${container}`];
}

/** True when the slot has the container's own address. Until then it keeps that of the container which it had before. */
function knows(slots: readonly RunningSlot[], { container, slot }: { container: string; slot: string }, address = "") {
  return slots.some((it) => it.name === slot && it.container === container && it.address === address);
}

function questionOf({ health, hosts }: ReleasePlan): Question {
  return { path: health?.path, host: hostOf({ health, hosts }), timeoutSeconds: health?.timeoutSeconds ?? 3 };
}

/** Runs the service's health command in each container; the first that fails. */
async function askCommands(
  docker: Docker,
  { health }: ReleasePlan,
  containers: readonly string[],
): Promise<Waiting | undefined> {
  if (!health?.command) return undefined;
  for (const container of containers) {
    const asked = exec(docker.getContainer(container), health.command);
    const late = sleep(health.timeoutSeconds * 1000, undefined, { ref: false });
    const result = await Promise.race([asked, late]);
    const command = health.command.join(" ");
    if (!result) return { container, why: `\`${command}\` has not ended within ${health.timeoutSeconds} s` };
    const said = `${result.stdout}\n${result.stderr}`.trim().split("\n").at(-1) ?? "";
    if (result.code !== 0) return { container, why: `\`${command}\` ended with code ${result.code}: ${said}` };
  }
  return undefined;
}

/** Looks again and again, and at the same time whether a container fails, which ends the wait at once. */
async function untilReady(
  docker: Docker,
  watch: ContainerWatch,
  inputs: ReleasePlan,
  context: ResourceContext,
  look: (running: Map<string, RunningContainer>) => Promise<Waiting | undefined>,
): Promise<void> {
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, context.signal]);
  try {
    await Promise.race([watch.untilFault(signal), pollUntilReady(docker, watch, inputs, { ...context, signal }, look)]);
  } finally {
    over.abort();
  }
}

async function pollUntilReady(
  docker: Docker,
  watch: ContainerWatch,
  { gateSeconds }: ReleasePlan,
  { progress, signal }: ResourceContext,
  look: (running: Map<string, RunningContainer>) => Promise<Waiting | undefined>,
): Promise<void> {
  const began = Date.now();
  let shown = began;
  for (;;) {
    const waiting = await look(await watch.look());
    if (!waiting) return;
    const { container, why } = waiting;
    const now = Date.now();
    if (now - began > gateSeconds * 1000) {
      const log = await lastLogLines(docker.getContainer(container));
      const advice = `container ${container} was not ready within gateSeconds = ${gateSeconds} s`;
      throw new Error(`${advice}: ${why}; its last log lines:\n${log}`);
    }
    if (now - shown >= PROGRESS_MS) {
      progress(`waiting for container ${container}: ${why} (${Math.round((now - began) / 1000)} of ${gateSeconds} s)`);
      shown = now;
    }
    await sleep(POLL_MS, undefined, { signal });
  }
}
