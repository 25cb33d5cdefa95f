import { z } from "zod";
import { connect } from "./engine/engine.ts";
import { label } from "./names.ts";
import { checkInputs } from "./plugin/inputs.ts";
import { defineResource } from "./plugin/resource.ts";
import { join, networksFor } from "./proxy/networks.ts";

const inputs = z.object({
  /** Namespace of the platform. */
  namespace: label,
  /** Id of the proxy's container; a new one is joined to every network again. */
  proxy: z.string().min(1, "must be the id of a container"),
});

/** Inputs of {@link proxyNetworks}. */
export type ProxyNetworksInputs = z.input<typeof inputs>;

/**
 * Joins a new proxy container to every network labelled `slipway.proxy=<namespace>`, so that no environment has to be
 * deployed again when the platform replaces its proxy.
 */
export const proxyNetworks = defineResource({
  inputs,
  state: inputs,
  check: (news) => checkInputs(inputs, news),
  async create(news, context) {
    await joinAll(news, context);
    return { id: news.namespace, state: news };
  },
  async update(_id, _olds, news, context) {
    await joinAll(news, context);
    return news;
  },
  async read(_id, state, context) {
    const { namespace, proxy } = inputs.parse(state);
    const docker = await connect(context);
    const networks = await networksFor(docker, namespace);
    return networks.every(({ containers }) => containers.includes(proxy)) ? { state } : undefined;
  },
});

async function joinAll({ namespace, proxy }: z.infer<typeof inputs>, context: Parameters<typeof connect>[0]) {
  const docker = await connect(context);
  for (const { name } of await networksFor(docker, namespace)) await join(docker, docker.getContainer(proxy), name);
}
