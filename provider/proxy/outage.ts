import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import { lastLogLines } from "../container-log.ts";
import type { ResourceContext } from "../plugin/resource.ts";
import { Runtime } from "./runtime.ts";

const POLL_MS = 50;
const PATIENCE_SECONDS = 10;

/** The registry's backend, in the proxy's base configuration; those of services have a dot in their names. */
export const REGISTRY = "registry";

/**
 * Waits until a proxy that has just started has found a container of every service, at most ten seconds.
 *
 * @param only - the one backend that is waited for; without it all are.
 * @returns the backends that it has found none of.
 * @throws {Error} with its last log lines when it does not run.
 */
export async function untilServing(
  proxy: Docker.Container,
  { signal }: Pick<ResourceContext, "signal">,
  only?: string,
): Promise<string[]> {
  const runtime = new Runtime(proxy);
  const deadline = Date.now() + PATIENCE_SECONDS * 1000;
  for (;;) {
    const unserved = await unservedBy(runtime).catch((error: unknown) => explain(proxy, error));
    const missing = unserved.filter((backend) => only === undefined || backend === only);
    if (missing.length === 0 || Date.now() > deadline) return missing;
    await sleep(POLL_MS, undefined, { signal });
  }
}

/** When a container that is gone has ended, in milliseconds; undefined when the engine no longer knows. */
export async function endOf(docker: Docker, container: string): Promise<number | undefined> {
  const now = Math.ceil(Date.now() / 1000);
  const filters = JSON.stringify({ container: [container], event: ["die"] });
  const events = await text(await docker.getEvents({ since: now - 3600, until: now, filters }));
  const [nanoseconds] = [...events.matchAll(/"timeNano":(\d+)/g)].map((match) => match[1]).slice(-1);
  return nanoseconds === undefined ? undefined : Number(BigInt(nanoseconds) / 1_000_000n);
}

async function unservedBy(runtime: Runtime): Promise<string[]> {
  const backends = [...(await runtime.backends())];
  return backends.flatMap(([name, slots]) => {
    const wanted = slots.filter(({ container, state }) => container !== undefined && state !== "maint");
    // Only the registry starts at the same time, and counts as up until its first check.
    const serves = wanted.some(({ up, passed }) => up && (passed || name !== REGISTRY));
    return wanted.length === 0 || serves ? [] : [name];
  });
}

async function explain(proxy: Docker.Container, error: unknown): Promise<never> {
  const { State } = await proxy.inspect();
  if (State.Running && !State.Restarting) throw error;
  throw new Error(`the proxy does not run; its last log lines:\n${await lastLogLines(proxy)}`);
}
