import type Docker from "dockerode";
import type { ResourceContext } from "../plugin/resource.ts";
import { findProxy, runningProxy } from "../proxy/container.ts";
import { withLock } from "../proxy/lock.ts";
import { Runtime } from "../proxy/runtime.ts";
import { drain } from "./drain.ts";
import { backendName, fragmentFile, refuseClaimedHosts } from "./fragment.ts";
import type { Fragment } from "./fragment.ts";
import { freeSlots, gateBehindProxy, gateByHealth } from "./gate.ts";
import type { ReleasePlan } from "./inputs.ts";
import { fragmentsOf, installService, readServices, removeService, routeHosts } from "./services.ts";
import { leftovers, planSlots, slotsAfter } from "./slots.ts";
import type { SlotPlan } from "./slots.ts";

/**
 * Lets the new containers take over: they are checked, then they get the requests, then the old ones finish theirs.
 * Begins with what is there, whatever that is, so that it completes what an interrupted release has begun.
 *
 * @throws {Error} when a container does not become ready, the hosts are another service's, or no proxy runs; the old
 * containers serve as before.
 */
export async function runRelease(docker: Docker, inputs: ReleasePlan, context: ResourceContext): Promise<void> {
  const { containers, pidsLimit } = inputs;
  // The Docker plugin has no such input.
  await Promise.all(containers.map((name) => docker.getContainer(name).update({ PidsLimit: pidsLimit })));
  if (inputs.hosts.length === 0) await releaseWithoutProxy(docker, inputs, context);
  else await releaseBehindProxy(docker, inputs, context);
}

/** Takes a service out of the proxy; nothing happens when the proxy is gone or does not know it. */
export async function withdraw(
  docker: Docker,
  owner: Pick<ReleasePlan, "namespace" | "environment" | "service">,
  context: ResourceContext,
): Promise<void> {
  const proxy = await findProxy(docker, owner.namespace);
  if (!proxy) return;
  const runtime = new Runtime(proxy);
  await withLock(proxy, context, async () => {
    const known = (await readServices(runtime)).has(fragmentFile(owner));
    if (known || (await runtime.slots(backendName(owner)))) await removeService(runtime, owner);
  });
}

async function releaseWithoutProxy(docker: Docker, inputs: ReleasePlan, context: ResourceContext): Promise<void> {
  const began = Date.now();
  await gateByHealth(docker, inputs, context);
  await withdraw(docker, inputs, context);
  context.info(`${inputs.service} ${inputs.version}: ready after ${secondsSince(began)} s`);
}

async function releaseBehindProxy(docker: Docker, inputs: ReleasePlan, context: ResourceContext): Promise<void> {
  const runtime = new Runtime(await runningProxy(docker, inputs.namespace));
  const backend = backendName(inputs);
  const service = { environment: inputs.environment, service: inputs.service, health: healthOf(inputs) };

  const began = Date.now();
  await finishInterrupted(runtime, backend, inputs, context);
  const { plan, isNew } = await withLock(runtime.proxy, context, () => prepare(runtime, service, inputs));
  const newcomers = plan.targets
    .map(({ slot }) => slot)
    .filter((slot) => plan.slots.some(({ name, container }) => name === slot && container === undefined));
  try {
    await gateBehindProxy(docker, runtime, backend, plan, inputs, context);
  } catch (error) {
    if (isNew) await withdraw(docker, inputs, context);
    else await freeSlots(runtime, backend, newcomers);
    throw error;
  }
  const gateSeconds = secondsSince(began);

  const switching = Date.now();
  await withLock(runtime.proxy, context, async () => {
    const after = { ...service, hosts: inputs.hosts, slots: slotsAfter(plan, inputs.port) };
    refuseClaimedHosts(after, fragmentsOf(await readServices(runtime)));
    await installService(runtime, after, false);
    await switchSlots(runtime, backend, plan);
    // Only now, so that the first request to a new host meets a container that is ready.
    await routeHosts(runtime);
  });
  const switchSeconds = secondsSince(switching);

  const draining = Date.now();
  const open = await drain(runtime, backend, plan.retiring, inputs.drainSeconds, context);
  if (open > 0) {
    context.warn(
      `${inputs.service}: ${open} requests to the old containers were still open after ${inputs.drainSeconds} s`,
    );
  }
  context.info(
    `${inputs.service} ${inputs.version}: gate ${gateSeconds} s, switch ${switchSeconds} s, ` +
      `drain ${secondsSince(draining)} s`,
  );
}

/** Drains what a killed release has left without new requests; its containers are removed after this release. */
async function finishInterrupted(
  runtime: Runtime,
  backend: string,
  { containers, drainSeconds }: ReleasePlan,
  context: ResourceContext,
): Promise<void> {
  const slots = leftovers((await runtime.slots(backend)) ?? [], containers);
  if (slots.length > 0) await drain(runtime, backend, slots, drainSeconds, context);
}

/** Sees to it that the running process has the slots which the release needs; traffic goes where it went. */
async function prepare(
  runtime: Runtime,
  service: Pick<Fragment, "environment" | "service" | "health">,
  { containers, port, hosts }: ReleasePlan,
): Promise<{ plan: SlotPlan; isNew: boolean }> {
  const services = await readServices(runtime);
  refuseClaimedHosts({ ...service, hosts, slots: [] }, fragmentsOf(services));
  const file = services.get(fragmentFile(service));
  const running = await runtime.slots(backendName(service));
  const fragment = file?.intact === true ? file.fragment : undefined;
  const plan = planSlots({ fragment, running }, { containers, port, health: service.health });
  if (plan.reshape) {
    await installService(
      runtime,
      { ...service, hosts: await hostsNow(runtime, service, file?.fragment), slots: plan.slots },
      true,
    );
  }
  return { plan, isNew: file === undefined && running === undefined };
}

/** The hosts that lead to the service now; without a fragment the running process knows. */
async function hostsNow(
  runtime: Runtime,
  service: Pick<Fragment, "environment" | "service">,
  fragment: Fragment | undefined,
): Promise<string[]> {
  if (fragment) return fragment.hosts;
  const routed = [...(await runtime.hosts())].filter(([, backend]) => backend === backendName(service));
  return routed.map(([key]) => key.replace(/\/$/, ""));
}

/** New requests go to the new containers from the same moment on at which the old ones get none. */
async function switchSlots(runtime: Runtime, backend: string, { targets, retiring }: SlotPlan): Promise<void> {
  await runtime.run([
    ...targets.map(({ slot }) => `set server ${backend}/${slot} state ready`),
    ...retiring.map((slot) => `set server ${backend}/${slot} state drain`),
  ]);
  const slots = await runtime.slots(backend);
  const stateOf = (slot: string) => slots?.find(({ name }) => name === slot)?.state;
  const wrong = [
    ...targets.filter(({ slot }) => stateOf(slot) !== "ready").map(({ slot }) => slot),
    ...retiring.filter((slot) => stateOf(slot) === "ready"),
  ];
  if (wrong.length > 0)
    throw new Error(`the proxy did not switch slots ${wrong.join(", ")} of ${backend}; run it again`);
}

function healthOf({ health, hosts }: ReleasePlan): Fragment["health"] {
  return health && { path: health.path, host: health.host ?? hosts[0]?.replace(/\/.*$/, "") ?? "localhost" };
}

function secondsSince(began: number): string {
  return ((Date.now() - began) / 1000).toFixed(1);
}
