import type Docker from "dockerode";
import { sameValue, uninterrupted } from "../plugin/resource.ts";
import type { ResourceContext } from "../plugin/resource.ts";
import { findProxy, runningProxy } from "../proxy/container.ts";
import { withLock } from "../proxy/lock.ts";
import { Runtime } from "../proxy/runtime.ts";
import { ContainerWatch } from "./containers.ts";
import { definitionOf } from "./definition.ts";
import type { Definition } from "./definition.ts";
import { drain } from "./drain.ts";
import { backendName, fragmentFile, refuseClaimedHosts } from "./fragment.ts";
import type { Fragment } from "./fragment.ts";
import { secondsSince } from "./front.ts";
import type { Front } from "./front.ts";
import { freeSlots, gateBehindProxy } from "./gate.ts";
import type { ReleasePlan } from "./inputs.ts";
import { reshape } from "./reshape.ts";
import { fragmentsOf, hostsNow, installServices, removeService, viewProxy } from "./services.ts";
import type { ProxyView, ServiceName } from "./services.ts";
import { leftovers, planSlots, slotsAfter } from "./slots.ts";
import type { SlotPlan } from "./slots.ts";
import { isSwitched, switchCommands } from "./switch.ts";

// Each time another new service may have come between.
const SWITCH_ATTEMPTS = 20;

/** True for a service that requests come to through the proxy, from outside or from its neighbours. */
export function isProxied({ hosts, internalPort }: Pick<ReleasePlan, "hosts" | "internalPort">): boolean {
  return hosts.length > 0 || internalPort !== undefined;
}

/** The front of a service behind the proxy: gate, switch, drain. */
export function proxiedFront(docker: Docker, inputs: ReleasePlan, context: ResourceContext): Front {
  const backend = backendName(inputs);
  return {
    async serving() {
      const slots = await new Runtime(await runningProxy(docker, inputs.namespace)).slots(backend);
      // A container whose health path changes has two slots for a while.
      return [
        ...new Set((slots ?? []).flatMap(({ container, state }) => (state === "ready" ? (container ?? []) : []))),
      ];
    },
    async takeOver(containers) {
      const runtime = new Runtime(await runningProxy(docker, inputs.namespace));
      const definition = await definitionOf(docker, inputs);
      return new TakeOver(docker, runtime, inputs, containers, definition, context).run();
    },
  };
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

/** One set of containers taking over from another. */
class TakeOver {
  private readonly docker: Docker;
  private readonly runtime: Runtime;
  private readonly inputs: ReleasePlan;
  private readonly containers: readonly string[];
  private readonly definition: Definition;
  private readonly context: ResourceContext;
  private readonly backend: string;

  constructor(
    docker: Docker,
    runtime: Runtime,
    inputs: ReleasePlan,
    containers: readonly string[],
    definition: Definition,
    context: ResourceContext,
  ) {
    this.docker = docker;
    this.runtime = runtime;
    this.inputs = inputs;
    this.containers = containers;
    this.definition = definition;
    this.context = context;
    this.backend = backendName(inputs);
  }

  async run() {
    const began = Date.now();
    const view = await viewProxy(this.runtime, this.inputs);
    const interrupted = leftovers(view.slots ?? [], this.containers);
    if (interrupted.length > 0) await this.drain(interrupted);
    const plan = await this.prepare(view);
    const isNew = !view.files.has(fragmentFile(this.inputs)) && view.slots === undefined;
    const watch = new ContainerWatch(this.docker, this.containers);
    const { gate, switching } = await this.gateAndSwitch(watch, plan, began).catch(async (error: unknown) => {
      if (isNew) await withdraw(this.docker, this.inputs, uninterrupted(this.context));
      else await freeSlots(this.runtime, this.backend, plan.newcomers);
      throw error;
    });
    const draining = Date.now();
    await this.drain(plan.retiring);
    return { gate, switch: switching, drain: secondsSince(draining) };
  }

  /** Sees to it that the running process has the slots which the release needs; traffic goes where it went. */
  private async prepare(seen: ProxyView): Promise<SlotPlan> {
    const plan = this.planFrom(seen);
    if (!plan.reshape) return plan;
    await reshape(this.runtime, this.context, this.inputs, (view) => {
      const { slots } = this.planFrom({ ...view, slots: seen.slots });
      // A release that fails changes nothing, so what comes in now comes in by the same rules until the switch.
      const now = { hosts: hostsNow(view, this.inputs), rules: this.fragmentIn(view)?.rules ?? this.definition.rules };
      return { ...this.definition, ...now, slots };
    });
    return this.planFrom(await viewProxy(this.runtime, this.inputs));
  }

  private planFrom(view: ProxyView): SlotPlan {
    refuseClaimedHosts({ ...this.definition, slots: [] }, fragmentsOf(view));
    const file = view.files.get(fragmentFile(this.inputs));
    const fragment = file?.intact === true ? file.fragment : undefined;
    const { containers, definition, inputs } = this;
    const wanted = { containers, replicas: inputs.containers.length, definition };
    return planSlots({ fragment, running: view.slots }, wanted);
  }

  /** Another service's reload empties the slots that were filled for the gate, so that it has to be passed once more. */
  private async gateAndSwitch(watch: ContainerWatch, plan: SlotPlan, began: number) {
    for (let attempt = 1; attempt <= SWITCH_ATTEMPTS; attempt++) {
      await gateBehindProxy(this.docker, watch, this.runtime, plan, this.inputs, this.context);
      const gate = secondsSince(began);
      const switching = Date.now();
      const done = await withLock(this.runtime.proxy, this.context, () => this.switchOver(plan));
      if (done) return { gate, switching: secondsSince(switching) };
    }
    throw new Error(`the proxy did not switch ${this.backend} in ${SWITCH_ATTEMPTS} attempts; run it again`);
  }

  /**
   * Makes the new containers the truth, in the file first: whatever happens next, a restart of the proxy routes to them,
   * and they are ready. New requests go to them from the same moment on at which the old ones get none.
   *
   * @returns false when the slots are not those that the gate has filled.
   */
  private async switchOver(plan: SlotPlan): Promise<boolean> {
    const view = await viewProxy(this.runtime, this.inputs);
    const isFilled = plan.targets.every(({ container, slot }) =>
      view.slots?.some(
        (running) =>
          running.name === slot &&
          running.container === container &&
          (running.address !== undefined || !plan.newcomers.includes(slot)),
      ),
    );
    if (!isFilled) return false;
    const after = { ...this.definition, slots: slotsAfter(plan, this.definition.port) };
    refuseClaimedHosts(after, fragmentsOf(view));
    const reloads = !sameValue(this.fragmentIn(view)?.rules, after.rules);
    const wanted = await installServices(this.runtime, view, [after], { reloads });
    await this.runtime.run(switchCommands(this.backend, plan, view.slots ?? [], this.definition));
    const { slots, hosts } = await this.runtime.routing(this.backend);
    if (!isSwitched(slots ?? [], plan)) return false;
    // Only now, so that the first request to a new host meets a container that is ready.
    await this.runtime.setHosts(hosts, wanted);
    return true;
  }

  private fragmentIn({ files }: ProxyView): Fragment | undefined {
    return files.get(fragmentFile(this.inputs))?.fragment;
  }

  private async drain(slots: readonly string[]): Promise<void> {
    const { service, drainSeconds } = this.inputs;
    const open = await drain(this.runtime, this.backend, slots, drainSeconds, this.context);
    if (open > 0) {
      this.context.warn(`${service}: ${open} requests to the old containers were still open after ${drainSeconds} s`);
    }
  }
}
