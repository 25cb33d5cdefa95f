import { setTimeout as sleep } from "node:timers/promises";
import type { ResourceContext } from "../plugin/resource.ts";
import type { Runtime } from "../proxy/runtime.ts";
import { freeSlots } from "./gate.ts";

const POLL_MS = 100;
// A long answer is asked for less often: each look starts a command in the proxy's container.
const LONG_POLL_MS = 300;
const PROGRESS_MS = 1000;

/**
 * Waits until no worker, older ones included, has a request open on the slots, at most `drainSeconds`; then frees the
 * slots.
 *
 * @returns how many requests were still open at the end.
 */
export async function drain(
  runtime: Runtime,
  backend: string,
  slots: readonly string[],
  drainSeconds: number,
  { progress, signal }: ResourceContext,
): Promise<number> {
  const began = Date.now();
  let shown = began;
  let open = slots.length === 0 ? 0 : await sessionsOn(runtime, backend, slots);
  while (open > 0 && Date.now() - began < drainSeconds * 1000) {
    const waited = Date.now() - began;
    if (Date.now() - shown >= PROGRESS_MS) {
      progress(
        `waiting for ${open} requests to the old containers (${Math.round(waited / 1000)} of ${drainSeconds} s)`,
      );
      shown = Date.now();
    }
    await sleep(waited < 5000 ? POLL_MS : LONG_POLL_MS, undefined, { signal });
    open = await sessionsOn(runtime, backend, slots);
  }
  await freeSlots(runtime, backend, slots);
  return open;
}

async function sessionsOn(runtime: Runtime, backend: string, slots: readonly string[]): Promise<number> {
  const workers = await runtime.statistics(backend);
  const counts = workers.flatMap((statistics) =>
    slots.map((slot) => statistics.get(`${backend}/${slot}`)?.sessions ?? 0),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
