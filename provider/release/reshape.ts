import type { ResourceContext } from "../plugin/resource.ts";
import { withLock } from "../proxy/lock.ts";
import type { Runtime } from "../proxy/runtime.ts";
import type { Fragment } from "./fragment.ts";
import { installServices, viewProxy } from "./services.ts";
import type { ProxyView, ServiceName } from "./services.ts";

/** A service whose backend the running process is to read anew. */
interface Waiting {
  service: ServiceName;
  fragmentIn: (view: ProxyView) => Fragment;
  done: PromiseWithResolvers<void>;
}

/** Who waits for which proxy, and the last of their turns. */
const queues = new Map<string, { waiting: Waiting[]; turn: Promise<unknown> }>();

/**
 * Writes a service's fragment and reloads the proxy. Services that come while another's reload is under way share the
 * next one: a check and a reload of the whole for each of many new services would take longer with every one of them.
 *
 * @param fragmentIn what the service's file is to hold, given what the proxy has.
 * @throws {Error} when the proxy refuses the fragment, whatever becomes of the others.
 */
export function reshape(
  runtime: Runtime,
  context: ResourceContext,
  service: ServiceName,
  fragmentIn: (view: ProxyView) => Fragment,
): Promise<void> {
  const { proxy } = runtime;
  const queue = queues.get(proxy.id) ?? { waiting: [], turn: Promise.resolve() };
  queues.set(proxy.id, queue);
  const mine: Waiting = { service, fragmentIn, done: Promise.withResolvers() };
  queue.waiting.push(mine);
  queue.turn = queue.turn.then(async () => {
    if (!queue.waiting.includes(mine)) return;
    await withLock(proxy, context, () => install(runtime, queue.waiting.splice(0))).catch((error: unknown) => {
      queue.waiting = queue.waiting.filter((waiting) => waiting !== mine);
      mine.done.reject(error);
    });
  });
  return mine.done.promise;
}

async function install(runtime: Runtime, batch: readonly Waiting[]): Promise<void> {
  const [first] = batch;
  if (!first) return;
  try {
    const view = await viewProxy(runtime, first.service);
    const fragments = batch.map(({ fragmentIn }) => fragmentIn(view));
    await installServices(runtime, view, fragments, { reloads: true });
    for (const { done } of batch) done.resolve();
  } catch (error) {
    if (batch.length === 1) first.done.reject(error);
    // Only those that the proxy refuses are to fail.
    else for (const waiting of batch) await install(runtime, [waiting]);
  }
}
