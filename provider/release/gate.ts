import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import { lastLogLines } from "../container-log.ts";
import type { ResourceContext } from "../plugin/resource.ts";
import type { Runtime } from "../proxy/runtime.ts";
import { UNASSIGNED } from "../proxy/runtime-output.ts";
import type { RunningSlot } from "../proxy/runtime-output.ts";
import type { ContainerWatch } from "./containers.ts";
import { backendName } from "./fragment.ts";
import type { ReleasePlan } from "./inputs.ts";
import type { SlotPlan } from "./slots.ts";

const POLL_MS = 100;
// A program that starts slowly is asked less often: each look starts a command in the proxy's container.
const LONG_POLL_MS = 300;
const LONG_AFTER_MS = 5000;
const PROGRESS_MS = 1000;

/** What one container still needs before it may get requests. */
export type GateStep = { kind: "passed" } | { kind: "run"; commands: string[] } | { kind: "wait"; why: string };

/**
 * Decides the next step for a container from what the proxy has in its slot. It holds no memory, so that a slot which
 * another service's reload has reset is filled once more.
 *
 * The name is resolved before the slot is checked: until then a slot keeps the address of the container that it had
 * before, whose check would pass.
 */
export function gateStep(
  server: string,
  slot: RunningSlot | undefined,
  { container, port, addresses }: { container: string; port: number; addresses: readonly string[] },
): GateStep {
  if (!slot) return { kind: "wait", why: "the proxy is being reloaded" };
  if (slot.container !== container) {
    return { kind: "run", commands: [`set server ${server} state maint`, `set server ${server} fqdn ${container}`] };
  }
  if (slot.address === undefined || !addresses.includes(slot.address)) {
    const found = slot.address ?? "no address";
    return {
      kind: "wait",
      why: `the proxy finds ${found} by its name, not ${addresses.join(" or ")}; is it on a network of the proxy's?`,
    };
  }
  if (slot.state === "maint") {
    return {
      kind: "run",
      commands: [
        `set server ${server} addr ${slot.address} port ${port}`,
        `set server ${server} state drain`,
        // It counts as failed until a check that begins now has passed.
        `set server ${server} health down`,
      ],
    };
  }
  return slot.up ? { kind: "passed" } : { kind: "wait", why: "" };
}

/**
 * Waits until the proxy's own check passes for every container, while none of them gets a request.
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
  await poll(inputs, context, async () => {
    const seen = await watch.look();
    const slots = await runtime.slots(backend);
    const steps = plan.targets.map(({ container, slot }) => {
      const found = slots?.find(({ name }) => name === slot);
      const { addresses } = seen.get(container) ?? { addresses: [] };
      const step = gateStep(`${backend}/${slot}`, found, { container, port: inputs.port, addresses });
      return { container, slot, step };
    });
    await runtime.run(steps.flatMap(({ step }) => (step.kind === "run" ? step.commands : [])));
    const waiting = steps.find(({ step }) => step.kind !== "passed");
    if (!waiting) return undefined;
    return {
      container: waiting.container,
      left: steps.filter(({ step }) => step.kind !== "passed").length,
      explain: () => explain(docker, runtime, backend, waiting),
    };
  });
}

/** Waits until every container runs and is healthy by its own check; for services that the proxy does not know. */
export async function gateByHealth(
  docker: Docker,
  watch: ContainerWatch,
  inputs: ReleasePlan,
  context: ResourceContext,
): Promise<void> {
  await poll(inputs, context, async () => {
    const waiting = [...(await watch.look())].filter(([, { healthy }]) => !healthy).map(([name]) => name);
    const [container] = waiting;
    if (container === undefined) return undefined;
    const explain = async () => `its health check has not passed; ${await logOf(docker, container)}`;
    return { container, left: waiting.length, explain };
  });
}

/** Gives the slots of containers that did not pass back, so that the proxy looks at them no more. */
export async function freeSlots(runtime: Runtime, backend: string, slots: readonly string[]): Promise<void> {
  await runtime.run(
    slots.flatMap((slot) => [
      `set server ${backend}/${slot} state maint`,
      `set server ${backend}/${slot} fqdn ${UNASSIGNED}`,
    ]),
  );
}

interface Waiting {
  container: string;
  left: number;
  explain: () => Promise<string>;
}

async function poll(
  { containers, gateSeconds, health }: ReleasePlan,
  { progress, signal }: ResourceContext,
  look: () => Promise<Waiting | undefined>,
): Promise<void> {
  const began = Date.now();
  let shown = began;
  for (;;) {
    const waiting = await look();
    if (!waiting) return;
    const now = Date.now();
    if (now - began > gateSeconds * 1000) {
      const { container, explain } = waiting;
      throw new Error(`container ${container} was not ready within gateSeconds = ${gateSeconds} s: ${await explain()}`);
    }
    if (now - shown >= PROGRESS_MS) {
      const what = health === undefined ? "are ready" : `pass GET ${health.path}`;
      const seconds = Math.round((now - began) / 1000);
      progress(`waiting until containers ${what}: ${waiting.left} of ${containers.length} left (${seconds} s)`);
      shown = now;
    }
    await sleep(now - began < LONG_AFTER_MS ? POLL_MS : LONG_POLL_MS, undefined, { signal });
  }
}

async function explain(
  docker: Docker,
  runtime: Runtime,
  backend: string,
  { container, slot, step }: { container: string; slot: string; step: GateStep },
): Promise<string> {
  const log = await logOf(docker, container);
  if (step.kind === "wait" && step.why !== "") return `${step.why}; ${log}`;
  const [current] = await runtime.statistics(backend);
  const lastCheck = current?.get(`${backend}/${slot}`)?.lastCheck ?? "";
  return `the proxy's last check: ${lastCheck === "" ? "none yet" : lastCheck}; ${log}`;
}

async function logOf(docker: Docker, container: string): Promise<string> {
  return `its last log lines:\n${await lastLogLines(docker.getContainer(container))}`;
}
