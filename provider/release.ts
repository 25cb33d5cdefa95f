import type Docker from "dockerode";
import type { z } from "zod";
import { connect } from "./engine/engine.ts";
import { checkInputs } from "./plugin/inputs.ts";
import { changedProperties, defineResource } from "./plugin/resource.ts";
import type { InputFault, Properties } from "./plugin/resource.ts";
import { findProxy } from "./proxy/container.ts";
import { Runtime } from "./proxy/runtime.ts";
import { backendName } from "./release/fragment.ts";
import { releaseInputs, releaseState } from "./release/inputs.ts";
import { orphansOf, removeOrphans } from "./release/orphans.ts";
import { routedBy } from "./release/routed.ts";
import type { Routed } from "./release/routed.ts";
import { runRelease, withdraw } from "./release/run.ts";

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
    return { inputs, faults: [...faults, ...rhythmFaults(inputs)] };
  },
  diff(olds, news) {
    const changed = changedProperties(olds.inputs, news);
    // Two releases cannot have the same hosts at once.
    return { changed, replaces: changed.filter((key) => IDENTITY.includes(key)), deleteBeforeReplace: true };
  },
  async create(inputs, context) {
    const docker = await connect(context);
    await runRelease(docker, inputs, context);
    const { namespace, environment, service, containers } = inputs;
    const state = {
      ...inputs,
      backend: backendName(inputs),
      released: containers,
      releasedAt: new Date().toISOString(),
    };
    return { id: `${namespace}/${environment}/${service}`, state };
  },
  async update(_id, olds, inputs, context) {
    const docker = await connect(context);
    await runRelease(docker, inputs, context);
    await removeOrphans(docker, await orphansOf(docker, inputs, [...inputs.containers, ...olds.released]));
    const changed = changedProperties(olds, { ...olds, ...inputs });
    const sameRelease = !changed.some((key) => ["containers", "image", "version"].includes(key));
    const releasedAt = sameRelease ? olds.releasedAt : new Date().toISOString();
    return { ...inputs, backend: backendName(inputs), released: inputs.containers, releasedAt };
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

/** What the proxy really routes; without hosts there is nothing that it could. Undefined when it routes nothing. */
async function routedOf(docker: Docker, recorded: z.output<typeof releaseState>): Promise<Routed | undefined> {
  if (recorded.hosts.length === 0) return { containers: recorded.released, hosts: [], port: recorded.port };
  const proxy = await findProxy(docker, recorded.namespace);
  return proxy && routedBy(new Runtime(proxy), { ...recorded, containers: recorded.released });
}

// HAProxy asks a server that leaves maintenance when its interval is over, not at once.
function rhythmFaults(inputs: Properties): InputFault[] {
  const { data } = releaseInputs.pick({ health: true, gateSeconds: true }).safeParse(inputs);
  if (!data?.health || data.health.everySeconds < data.gateSeconds) return [];
  const { everySeconds } = data.health;
  const reason = `must be less than gateSeconds = ${data.gateSeconds} s, got ${everySeconds} s: no check could pass in time`;
  return [{ property: "health.everySeconds", reason }];
}
