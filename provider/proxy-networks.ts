import { z } from "zod";
import { connect } from "./engine/engine.ts";
import { label } from "./names.ts";
import { checkInputs, holdsUnknown } from "./plugin/inputs.ts";
import { changedProperties, defineResource } from "./plugin/resource.ts";
import type { ResourceContext } from "./plugin/resource.ts";
import { join, networksFor } from "./proxy/networks.ts";
import { endOf, untilServing } from "./proxy/outage.ts";

const inputs = z.object({
  /** Namespace of the platform. */
  namespace: label,
  /** Id of the proxy's container; a new one is joined to every network again. */
  proxy: z.string().min(1, "must be the id of a container"),
});

/** Inputs of {@link proxyNetworks}. */
export type ProxyNetworksInputs = z.input<typeof inputs>;

const ANNOUNCEMENT =
  "the proxy is replaced: no environment answers from the moment when the old one ends until the new one has found its " +
  "containers; `pulumi up` tells how long that was";

/**
 * Joins a new proxy container to every network labelled `slipway.proxy=<namespace>`, so that no environment has to be
 * deployed again when the platform replaces its proxy. A preview announces the replacement, and `up` measures the outage.
 */
export const proxyNetworks = defineResource({
  inputs,
  state: inputs,
  check: (news) => checkInputs(inputs, news),
  diff(olds, news, context) {
    if (holdsUnknown(news.proxy)) context.warn(ANNOUNCEMENT);
    return { changed: changedProperties(olds.inputs, news) };
  },
  async create(news, context) {
    await bringUp(news, context);
    return { id: news.namespace, state: news };
  },
  async update(_id, olds, news, context) {
    await bringUp(news, context);
    const ended = olds.proxy === news.proxy ? undefined : await endOf(await connect(context), olds.proxy);
    if (ended !== undefined) {
      context.info(`the proxy was replaced: no environment answered for ${((Date.now() - ended) / 1000).toFixed(1)} s`);
    }
    return news;
  },
  async read(_id, state, context) {
    const { namespace, proxy } = inputs.parse(state);
    const docker = await connect(context);
    const networks = await networksFor(docker, namespace);
    return networks.every(({ containers }) => containers.includes(proxy)) ? { state } : undefined;
  },
});

async function bringUp({ namespace, proxy }: z.infer<typeof inputs>, context: ResourceContext): Promise<void> {
  const docker = await connect(context);
  const container = docker.getContainer(proxy);
  const networks = await networksFor(docker, namespace);
  await Promise.all(networks.map(({ name }) => join(docker, container, name)));
  const missing = await untilServing(container, context);
  if (missing.length > 0) context.warn(`the proxy finds no container of ${missing.join(", ")} that answers`);
}
