import { z } from "zod";
import { connect, unlessGone } from "./engine/engine.ts";
import { limitProcesses } from "./engine/limit.ts";
import { checkInputs } from "./plugin/inputs.ts";
import { defineResource } from "./plugin/resource.ts";
import type { ResourceContext } from "./plugin/resource.ts";

const inputs = z.object({
  /** Container by id. */
  container: z.string().min(1, "must be the id of a container"),
  /** Processes and threads that may run in it at once. 1-4194304. */
  pidsLimit: z.int().min(1).max(4_194_304),
});

// After a refresh there may be none at all.
const state = inputs.extend({ pidsLimit: z.int() });

/** Inputs of {@link processLimit}. */
export type ProcessLimitInputs = z.input<typeof inputs>;

/**
 * How many processes and threads may run in a container. Holds from the moment on
 * at which it is set; the container runs on.
 */
export const processLimit = defineResource({
  inputs,
  state,
  check: (news) => checkInputs(inputs, news),
  async create(news, context) {
    await limit(news, context);
    return { id: news.container, state: news };
  },
  async update(_id, _olds, news, context) {
    await limit(news, context);
    return news;
  },
  async read(_id, recorded, context) {
    const known = state.parse(recorded);
    const docker = await connect(context);
    const info = await unlessGone(docker.getContainer(known.container).inspect());
    if (!info) return undefined;
    const found = { ...known, pidsLimit: info.HostConfig.PidsLimit ?? 0 };
    return { inputs: found, state: found };
  },
});

async function limit({ container, pidsLimit }: z.output<typeof inputs>, context: ResourceContext): Promise<void> {
  const docker = await connect(context);
  await limitProcesses(docker.getContainer(container), pidsLimit);
}
