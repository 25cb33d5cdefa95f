import { z } from "zod";
import { connect, unlessGone } from "./engine/engine.ts";
import { dockerName, label } from "./names.ts";
import { checkInputs } from "./plugin/inputs.ts";
import { defineResource } from "./plugin/resource.ts";
import { findProxy, runningProxy } from "./proxy/container.ts";
import { isJoined, join, leave } from "./proxy/networks.ts";

const inputs = z.object({
  /** Namespace whose proxy is joined. A change replaces. */
  namespace: label,
  /** Network that it is joined to, by name. A change replaces. */
  network: dockerName,
});

/** Inputs of {@link attachment}. */
export type AttachmentInputs = z.input<typeof inputs>;

/** Joins the running proxy to a network, so that it reaches the containers there, and only them. */
export const attachment = defineResource({
  inputs,
  state: inputs,
  check: (news) => checkInputs(inputs, news),
  async create({ namespace, network }, context) {
    const docker = await connect(context);
    await join(docker, await runningProxy(docker, namespace), network);
    return { id: `${namespace}/${network}`, state: { namespace, network } };
  },
  async read(_id, state, context) {
    const { namespace, network } = inputs.parse(state);
    const docker = await connect(context);
    const proxy = await findProxy(docker, namespace);
    if (!proxy || !(await isJoined(docker, proxy, network))) return undefined;
    return { state };
  },
  async delete(_id, { namespace, network }, context) {
    const docker = await connect(context);
    const proxy = await findProxy(docker, namespace);
    if (proxy) await unlessGone(leave(docker, proxy, network));
  },
});
