import { setTimeout as sleep } from "node:timers/promises";
import { lastLogLines } from "../container-log.ts";
import { shell } from "./exec.ts";
import type { Runtime } from "./runtime.ts";
import { parseWorkers } from "./runtime-output.ts";

const PATIENCE_MS = 10_000;
const PENDING = "/etc/slipway/reload-pending";

/** True when files were changed for a reload that was never confirmed, since the deploy before was killed. */
export async function reloadIsPending({ proxy }: Runtime): Promise<boolean> {
  return (await shell(proxy, `[ ! -e ${PENDING} ] || echo pending`)).trim() === "pending";
}

/**
 * Starts a new worker with the files as they are, and returns once it answers. The old worker hands over its sockets
 * and finishes what it has begun.
 *
 * @throws {Error} with the proxy's last log lines when no new worker comes up.
 */
export async function reload(runtime: Runtime): Promise<void> {
  const before = (await runtime.workers()).current;
  // Which answer comes, and whether any does, differs between versions; the new worker is what counts.
  await runtime.ask("reload").catch(() => undefined);
  const deadline = Date.now() + PATIENCE_MS;
  while (Date.now() < deadline) {
    if (await newWorkerAnswers(runtime, before)) {
      await shell(runtime.proxy, `rm -f ${PENDING}`);
      return;
    }
    await sleep(50);
  }
  const log = await lastLogLines(runtime.proxy);
  throw new Error(`the proxy did not reload within ${PATIENCE_MS / 1000} s; its last log lines:\n${log}`);
}

async function newWorkerAnswers(runtime: Runtime, before: number | undefined): Promise<boolean> {
  try {
    const [processes = "", info = ""] = await runtime.ask("show proc", "@1 show info");
    const { current } = parseWorkers(processes);
    return current !== undefined && current !== before && info.includes(`\nPid: ${current}\n`);
  } catch {
    // The master starts itself anew and does not listen for a moment.
    return false;
  }
}
