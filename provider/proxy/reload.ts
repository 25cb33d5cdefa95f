import { lastLogLines } from "../container-log.ts";
import { shell } from "./shell.ts";
import type { Runtime } from "./runtime.ts";

/** Exit code of {@link RELOAD} when no new worker came up. */
const FAILED = 75;

/**
 * Shell function `reload`: starts a new worker with the files as they are, and returns once it answers; the old one hands
 * over its sockets and finishes what it has begun. What the master answers, and whether it does before it starts itself
 * anew, differs between versions; the new worker is what counts.
 */
export const RELOAD = `master() { echo "$1" | nc -w 5 127.0.0.1 9998 2>/dev/null; }
current() { master 'show proc' | sed -n '/^# workers/,/^# [op]/s/^\\([0-9][0-9]*\\) .*worker.*/\\1/p'; }
reload() {
  before=$(current); master reload >/dev/null; tries=0
  while [ $((tries += 1)) -le 200 ]; do
    now=$(current)
    if [ -n "$now" ] && [ "$now" != "$before" ] && master '@1 show info' | grep -q "^Pid: $now$"; then
      rm -f /etc/slipway/reload-pending
      return 0
    fi
    sleep 0.05
  done
  return ${FAILED}
}
`;

/**
 * Reloads the proxy.
 *
 * @throws {Error} with the proxy's last log lines when no new worker comes up within about ten seconds.
 */
export async function reload(runtime: Runtime): Promise<void> {
  await shell(runtime.proxy, `${RELOAD}reload`).catch((error: unknown) => explainReload(runtime, error));
}

/** Adds the proxy's log to the failure of a script that ends with a reload. */
export async function explainReload({ proxy }: Runtime, error: unknown): Promise<never> {
  if (!(error instanceof Error) || !error.message.startsWith(`exit code ${FAILED} `)) throw error;
  throw new Error(`the proxy did not reload; its last log lines:\n${await lastLogLines(proxy)}`);
}
