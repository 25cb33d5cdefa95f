import { z } from "zod";
import { lastLogLines } from "./container-log.ts";
import { connect } from "./engine/engine.ts";
import { label } from "./names.ts";
import { checkInputs, holdsUnknown } from "./plugin/inputs.ts";
import { changedProperties, defineResource } from "./plugin/resource.ts";
import type { ResourceContext } from "./plugin/resource.ts";
import { join, networksFor } from "./proxy/networks.ts";
import { REGISTRY, endOf, untilServing } from "./proxy/outage.ts";

const containerId = z.string().min(1, "must be the id of a container");

const inputs = z.object({
  /** Namespace of the platform. */
  namespace: label,
  /** Id of the proxy's container; a new one is joined to every network again. */
  proxy: containerId,
  /** Id of the registry's container; a new one is waited for, so that a push finds it. @default none */
  registry: containerId.optional(),
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
    await bringUp(news, context, true);
    return { id: news.namespace, state: news };
  },
  async update(_id, olds, news, context) {
    const isNew = olds.proxy !== news.proxy;
    await bringUp(news, context, isNew);
    const ended = isNew ? await endOf(await connect(context), olds.proxy) : undefined;
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

async function bringUp(
  { namespace, proxy, registry }: z.infer<typeof inputs>,
  context: ResourceContext,
  isNew: boolean,
): Promise<void> {
  const docker = await connect(context);
  const container = docker.getContainer(proxy);
  const networks = await networksFor(docker, namespace);
  await Promise.all(networks.map(({ name }) => join(docker, container, name)));
  const missing = await untilServing(container, context, isNew ? undefined : REGISTRY);
  if (registry !== undefined && missing.includes(REGISTRY)) {
    throw new Error(
      `the registry does not answer; its last log lines:\n${await lastLogLines(docker.getContainer(registry))}`,
    );
  }
  const services = missing.filter((backend) => backend.includes("."));
  if (services.length > 0) context.warn(`the proxy finds no container of ${services.join(", ")} that answers`);
}
