import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import type { ResourceContext } from "../plugin/resource.ts";
import { shell } from "./shell.ts";

const STALE_SECONDS = 60;
const RENEW_SECONDS = 15;
const PATIENCE_SECONDS = 180;

// A lock that its owner stopped renewing is moved aside by name, so that only one of those who wait breaks it.
const ACQUIRE = `cd /etc/slipway || exit
age() { echo $(($(date +%s) - $(stat -c %Y "$1" 2>/dev/null || date +%s))); }
if [ "$(age lock)" -gt "$2" ] && mv lock "lock.$1" 2>/dev/null; then
  if [ "$(age "lock.$1")" -gt "$2" ]; then rm -rf "lock.$1"; else mv "lock.$1" lock; fi
fi
if ! mkdir lock 2>/dev/null; then cat lock/owner; exit; fi
rm -rf staging/*
if echo "$1" >lock/owner; then echo acquired; exit; fi
# Without its owner's name nobody would ever give it back.
rm -rf lock
echo "cannot write to the proxy's volume: $(df -h /etc/slipway | sed -n '$p')"
exit 1`;
const RELEASE = `cd /etc/slipway && [ "$(cat lock/owner)" != "$1" ] || rm -rf lock`;

const queues = new Map<string, Promise<unknown>>();

/**
 * Runs an action while no one else, in this process or another, changes the proxy's files or reloads it.
 *
 * @throws {Error} when another holds the lock for three minutes.
 */
export function withLock<T>(
  proxy: Docker.Container,
  context: Pick<ResourceContext, "progress" | "signal">,
  action: () => Promise<T>,
): Promise<T> {
  const earlier = queues.get(proxy.id) ?? Promise.resolve();
  const mine = earlier.then(() => locked(proxy, context, action));
  queues.set(
    proxy.id,
    mine.catch(() => undefined),
  );
  return mine;
}

async function locked<T>(
  proxy: Docker.Container,
  context: Pick<ResourceContext, "progress" | "signal">,
  action: () => Promise<T>,
): Promise<T> {
  const owner = `${hostname()}-${process.pid}-${randomBytes(4).toString("hex")}`;
  await acquire(proxy, owner, context);
  const renewal = setInterval(() => {
    shell(proxy, "touch /etc/slipway/lock").catch(() => undefined);
  }, RENEW_SECONDS * 1000);
  try {
    return await action();
  } finally {
    clearInterval(renewal);
    await shell(proxy, RELEASE, owner);
  }
}

async function acquire(
  proxy: Docker.Container,
  owner: string,
  { progress, signal }: Pick<ResourceContext, "progress" | "signal">,
): Promise<void> {
  const deadline = Date.now() + PATIENCE_SECONDS * 1000;
  for (;;) {
    const answer = (await shell(proxy, ACQUIRE, owner, String(STALE_SECONDS))).trim();
    if (answer === "acquired") return;
    if (Date.now() > deadline) {
      throw new Error(
        `the proxy's configuration is locked by ${answer} for more than ${PATIENCE_SECONDS} s: ` +
          "another deploy works on it; try again when it is done",
      );
    }
    progress(`waiting for another deploy to finish with the proxy (${answer})`);
    await sleep(200, undefined, { signal });
  }
}
