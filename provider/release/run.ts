import type Docker from "dockerode";
import type { ResourceContext } from "../plugin/resource.ts";
import { findProxy, runningProxy } from "../proxy/container.ts";
import { withLock } from "../proxy/lock.ts";
import { Runtime } from "../proxy/runtime.ts";
import { ContainerWatch, refuseRoot } from "./containers.ts";
import { drain } from "./drain.ts";
import { backendName, fragmentFile, refuseClaimedHosts } from "./fragment.ts";
import type { Fragment } from "./fragment.ts";
import { freeSlots, gateBehindProxy, gateByHealth } from "./gate.ts";
import type { ReleasePlan } from "./inputs.ts";
import { fragmentsOf, installService, removeService, viewProxy } from "./services.ts";
import type { ProxyView, ServiceName } from "./services.ts";
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
  if (!inputs.allowRoot) await refuseRoot(docker, inputs.containers);
  const watch = new ContainerWatch(docker, inputs.containers);
  await watch.limitPids(inputs.pidsLimit);
  if (inputs.hosts.length === 0) await releaseWithoutProxy(docker, watch, inputs, context);
  else await releaseBehindProxy(docker, watch, inputs, context);
}

/** Takes a service out of the proxy; nothing happens when the proxy is gone or does not know it. */
export async function withdraw(
  docker: Docker,
  service: ServiceName & Pick<ReleasePlan, "namespace">,
  context: ResourceContext,
): Promise<void> {
  const proxy = await findProxy(docker, service.namespace);
  if (!proxy) return;
  const runtime = new Runtime(proxy);
  await withLock(proxy, context, async () => {
    const view = await viewProxy(runtime, service);
    if (view.files.has(fragmentFile(service)) || view.slots) await removeService(runtime, view, service);
  });
}

async function releaseWithoutProxy(
  docker: Docker,
  watch: ContainerWatch,
  inputs: ReleasePlan,
  context: ResourceContext,
): Promise<void> {
  const began = Date.now();
  await gateByHealth(docker, watch, inputs, context);
  await withdraw(docker, inputs, context);
  context.info(`${inputs.service} ${inputs.version}: ready after ${secondsSince(began)} s`);
}

async function releaseBehindProxy(
  docker: Docker,
  watch: ContainerWatch,
  inputs: ReleasePlan,
  context: ResourceContext,
): Promise<void> {
  const runtime = new Runtime(await runningProxy(docker, inputs.namespace));
  const backend = backendName(inputs);

  const began = Date.now();
  const view = await viewProxy(runtime, inputs);
  const interrupted = leftovers(view.slots ?? [], inputs.containers);
  if (interrupted.length > 0) await drain(runtime, backend, interrupted, inputs.drainSeconds, context);
  const plan = await prepare(runtime, view, inputs, context);
  try {
    await gateBehindProxy(docker, watch, runtime, plan, inputs, context);
  } catch (error) {
    const isNew = !view.files.has(fragmentFile(inputs)) && view.slots === undefined;
    if (isNew) await withdraw(docker, inputs, context);
    else await freeSlots(runtime, backend, plan.newcomers);
    throw error;
  }
  const gateSeconds = secondsSince(began);

  const switching = Date.now();
  await withLock(runtime.proxy, context, () => switchOver(runtime, plan, inputs));
  const switchSeconds = secondsSince(switching);

  const draining = Date.now();
  const open = await drain(runtime, backend, plan.retiring, inputs.drainSeconds, context);
  if (open > 0) {
    const { service, drainSeconds } = inputs;
    context.warn(`${service}: ${open} requests to the old containers were still open after ${drainSeconds} s`);
  }
  const drainSeconds = secondsSince(draining);
  context.info(
    `${inputs.service} ${inputs.version}: gate ${gateSeconds} s, switch ${switchSeconds} s, drain ${drainSeconds} s`,
  );
}

/** Sees to it that the running process has the slots which the release needs; traffic goes where it went. */
async function prepare(
  runtime: Runtime,
  seen: ProxyView,
  inputs: ReleasePlan,
  context: ResourceContext,
): Promise<SlotPlan> {
  const plan = planFrom(seen, inputs);
  if (!plan.reshape) return plan;
  return withLock(runtime.proxy, context, async () => {
    const view = await viewProxy(runtime, inputs);
    const { slots } = planFrom(view, inputs);
    await installService(runtime, view, { ...serviceOf(inputs), hosts: hostsNow(view, inputs), slots }, true);
    return planFrom(await viewProxy(runtime, inputs), inputs);
  });
}

function planFrom(view: ProxyView, inputs: ReleasePlan): SlotPlan {
  const service = serviceOf(inputs);
  refuseClaimedHosts({ ...service, hosts: inputs.hosts, slots: [] }, fragmentsOf(view));
  const file = view.files.get(fragmentFile(inputs));
  const fragment = file?.intact === true ? file.fragment : undefined;
  return planSlots({ fragment, running: view.slots }, { ...inputs, health: service.health });
}

/**
 * Makes the new containers the truth, in the file first: whatever happens next, a restart of the proxy routes to them,
 * and they are ready. New requests go to them from the same moment on at which the old ones get none.
 */
async function switchOver(runtime: Runtime, plan: SlotPlan, inputs: ReleasePlan): Promise<void> {
  const backend = backendName(inputs);
  const view = await viewProxy(runtime, inputs);
  const after = { ...serviceOf(inputs), hosts: inputs.hosts, slots: slotsAfter(plan, inputs.port) };
  refuseClaimedHosts(after, fragmentsOf(view));
  const wanted = await installService(runtime, view, after, false);
  await runtime.run([
    ...plan.targets.map(({ slot }) => `set server ${backend}/${slot} state ready`),
    ...plan.retiring.map((slot) => `set server ${backend}/${slot} state drain`),
  ]);
  const { slots, hosts } = await runtime.routing(backend);
  const isReady = (name: string) => slots?.find((slot) => slot.name === name)?.state === "ready";
  const wrong = [
    ...plan.targets.map(({ slot }) => slot).filter((slot) => !isReady(slot)),
    ...plan.retiring.filter(isReady),
  ];
  if (wrong.length > 0)
    throw new Error(`the proxy did not switch slots ${wrong.join(", ")} of ${backend}; run it again`);
  // Only now, so that the first request to a new host meets a container that is ready.
  await runtime.setHosts(hosts, wanted);
}

/** The hosts that lead to the service now; without a fragment the running process knows. */
function hostsNow({ files, hosts }: ProxyView, service: ServiceName): string[] {
  const fragment = files.get(fragmentFile(service))?.fragment;
  if (fragment) return fragment.hosts;
  const routed = [...hosts].filter(([, backend]) => backend === backendName(service));
  return routed.map(([key]) => key.replace(/\/$/, ""));
}

function serviceOf({ environment, service, health, hosts }: ReleasePlan): Omit<Fragment, "hosts" | "slots"> {
  const host = health?.host ?? hosts[0]?.replace(/\/.*$/, "") ?? "localhost";
  return { environment, service, health: health && { ...health, host } };
}

function secondsSince(began: number): string {
  return ((Date.now() - began) / 1000).toFixed(1);
}
