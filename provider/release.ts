import type Docker from "dockerode";
import type { z } from "zod";
import { connect } from "./engine/engine.ts";
import { checkInputs } from "./plugin/inputs.ts";
import { changedProperties, defineResource, sameValue } from "./plugin/resource.ts";
import type { InputFault, Properties, ResourceContext } from "./plugin/resource.ts";
import { findProxy } from "./proxy/container.ts";
import { Runtime } from "./proxy/runtime.ts";
import { backendName } from "./release/fragment.ts";
import { historyAfter } from "./release/history.ts";
import { releaseInputs, releaseState } from "./release/inputs.ts";
import type { Durations, ReleasePlan, ReleaseState } from "./release/inputs.ts";
import { orphansOf, removeOrphans } from "./release/orphans.ts";
import { routedBy } from "./release/routed.ts";
import type { Routed } from "./release/routed.ts";
import { isProxied, withdraw } from "./release/proxied.ts";
import { runRelease } from "./release/run.ts";

/** Inputs of {@link release}. */
export type ReleaseInputs = z.input<typeof releaseInputs>;

const IDENTITY = ["namespace", "environment", "service"];

/**
 * One version of one service taking over behind the proxy: gate, switch, drain. Old containers serve until the new ones
 * are ready, and may be removed as soon as this is done.
 */
export const release = defineResource({
  inputs: releaseInputs,
  state: releaseState,
  check(news) {
    const { inputs, faults } = checkInputs(releaseInputs, news);
    return { inputs, faults: [...faults, ...portFaults(inputs), ...healthFaults(inputs)] };
  },
  diff(olds, news, context) {
    const changed = changesOf(olds.inputs, news);
    if (changed.includes("containers")) announceOutage(news, context);
    // Two releases cannot have the same hosts at once.
    return { changed, replaces: changed.filter((key) => IDENTITY.includes(key)), deleteBeforeReplace: true };
  },
  async create(inputs, context) {
    const { namespace, environment, service } = inputs;
    const took = await runRelease(await connect(context), inputs, undefined, context);
    const state = stateAfter(inputs, undefined, took);
    report(state, undefined, context);
    return { id: `${namespace}/${environment}/${service}`, state };
  },
  async update(_id, olds, inputs, context) {
    const docker = await connect(context);
    const took = await runRelease(docker, inputs, olds, context);
    await removeOrphans(docker, await orphansOf(docker, inputs, [...inputs.containers, ...olds.released]));
    const state = stateAfter(inputs, olds, took);
    report(state, olds, context);
    return state;
  },
  async read(_id, state, context) {
    const recorded = releaseState.parse(state);
    const docker = await connect(context);
    const routed = await routedOf(docker, recorded);
    if (!routed) return undefined;
    // An orphan shows as a container too many, so that the next `up` runs the release, which removes it.
    const containers = [...routed.containers, ...(await orphansOf(docker, recorded, recorded.released))];
    const inputs = { ...releaseInputs.parse(recorded), ...routed, containers };
    return { inputs, state: { ...recorded, ...routed, containers } };
  },
  async delete(_id, state, context) {
    await withdraw(await connect(context), state, context);
  },
});

/** What changed that matters: the commit is told only with an image of its own. */
function changesOf(olds: Properties, news: Properties): string[] {
  const changed = changedProperties(olds, news);
  return changed.includes("image") ? changed : changed.filter((key) => key !== "commit");
}

/** A release that costs something says so before it begins. */
function announceOutage({ service, rolling, containers }: Properties, context: Pick<ResourceContext, "warn">): void {
  const isOnly = Array.isArray(containers) && containers.length === 1;
  if (rolling === undefined || !isOnly) return;
  context.warn(
    `${String(service)}: its only container is stopped before the new one starts; nothing answers in between`,
  );
}

function stateAfter(inputs: ReleasePlan, olds: ReleaseState | undefined, took: Durations): ReleaseState {
  const isSame =
    olds?.image === inputs.image && olds.version === inputs.version && sameValue(olds.released, inputs.containers);
  const releasedAt = isSame ? olds.releasedAt : new Date().toISOString();
  const history = historyAfter(inputs, releasedAt, olds?.history ?? []);
  return {
    ...inputs,
    commit: history[0]?.commit,
    backend: backendName(inputs),
    released: inputs.containers,
    releasedAt,
    took,
    history,
  };
}

/** One line for each release, when it is done. */
function report(
  { service, version, took, released, hosts, internalPort }: ReleaseState,
  olds: ReleaseState | undefined,
  context: ResourceContext,
): void {
  const versions = olds && olds.version !== version ? `${olds.version} → ${version}` : version;
  const behindProxy = isProxied({ hosts, internalPort });
  const parts = behindProxy
    ? `gate ${took.gate} s, switch ${took.switch} s, drain ${took.drain} s`
    : `ready after ${took.gate} s`;
  const replicas = released.length === 1 ? "" : `, ${released.length} replicas`;
  context.info(`${service} ${versions}: ${parts}${replicas}`);
}

/** What the proxy really routes; without hosts there is nothing that it could. Undefined when it routes nothing. */
async function routedOf(docker: Docker, recorded: ReleaseState): Promise<Routed | undefined> {
  if (!isProxied(recorded)) {
    return { containers: recorded.released, hosts: [], port: recorded.port, internalPort: undefined };
  }
  const proxy = await findProxy(docker, recorded.namespace);
  return proxy && routedBy(new Runtime(proxy), { ...recorded, containers: recorded.released });
}

function portFaults(inputs: Properties): InputFault[] {
  const { data } = releaseInputs.pick({ hosts: true, internalPort: true, port: true }).safeParse(inputs);
  if (!data || data.port !== undefined || !isProxied(data)) return [];
  return [{ property: "port", reason: "must be set with hosts or internalPort: the proxy needs to know it" }];
}

function healthFaults(inputs: Properties): InputFault[] {
  const { data } = releaseInputs.pick({ health: true }).safeParse(inputs);
  if (!data?.health || (data.health.path === undefined) !== (data.health.command === undefined)) return [];
  return [{ property: "health", reason: "must have either path or command" }];
}
