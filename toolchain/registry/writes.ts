import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import { readFiles, writeFiles } from "../../provider/proxy/archive.ts";
import { withLock } from "../../provider/proxy/lock.ts";
import { Runtime } from "../../provider/proxy/runtime.ts";
import { ExitCode, UserError } from "../errors.ts";

/** For how long the proxy refuses writes at most, in seconds, if nobody takes it back. */
export const READ_ONLY_SECONDS = 900;

const BACKEND = "registry-writes";
const MAP = "/etc/slipway/registry.map";
const KEY = "refused-until";
const PATIENCE_SECONDS = 60;
const POLL_MS = 200;

/**
 * Has the proxy refuse writes to the registry while an action runs; those that were under way are waited for first.
 *
 * @throws {UserError} when one goes on for more than a minute, or somebody else has them refused.
 */
export async function whileReadOnly<T>(proxy: Docker.Container, action: () => Promise<T>): Promise<T> {
  await underLock(proxy, async () => {
    await refuseSecond(proxy);
    await refuseUntil(proxy, Math.ceil(Date.now() / 1000) + READ_ONLY_SECONDS);
  });
  try {
    await untilQuiet(new Runtime(proxy));
    return await action();
  } finally {
    await underLock(proxy, () => refuseUntil(proxy, 0));
  }
}

/** No reload comes in between then. */
function underLock(proxy: Docker.Container, action: () => Promise<void>): Promise<void> {
  return withLock(proxy, { signal: new AbortController().signal, progress: () => undefined }, action);
}

/** The first to end would let writes in while the second still collects. */
async function refuseSecond(proxy: Docker.Container): Promise<void> {
  const file = (await readFiles(proxy, MAP)).get("registry.map") ?? "";
  const until = Number(file.split(" ")[1] ?? 0) * 1000;
  if (until <= Date.now()) return;
  throw new UserError(
    "garbage is being collected already, or was by one that was killed",
    `Wait for its end, at the latest at ${new Date(until).toISOString()}.`,
    ExitCode.failed,
  );
}

/** In the file for workers to come, and in those that run. */
async function refuseUntil(proxy: Docker.Container, second: number): Promise<void> {
  await writeFiles(proxy, "/etc/slipway", [{ path: "registry.map", content: `${KEY} ${second}\n` }]);
  // The one or the other is right, as the map has the key already or not; `clear` would let writes in meanwhile.
  await new Runtime(proxy).run([`add map ${MAP} ${KEY} ${second}`, `set map ${MAP} ${KEY} ${second}`]);
}

async function untilQuiet(runtime: Runtime): Promise<void> {
  const deadline = Date.now() + PATIENCE_SECONDS * 1000;
  for (;;) {
    const workers = await runtime.statistics(BACKEND);
    const writes = workers.flatMap((rows) => [...rows.values()]).reduce((sum, { sessions }) => sum + sessions, 0);
    if (writes === 0) return;
    if (Date.now() > deadline) {
      throw new UserError(
        `${writes} uploads to the registry are still under way after ${PATIENCE_SECONDS} s`,
        "Nothing was removed. Try again when no image is pushed.",
        ExitCode.failed,
      );
    }
    await sleep(POLL_MS);
  }
}
