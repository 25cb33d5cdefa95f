import { setTimeout as pause } from "node:timers/promises";
import { createLoadEnvironment } from "../test/load/environment.ts";
import type { LoadEnvironment } from "../test/load/environment.ts";
import { watchStarts } from "../test/support/containers.ts";
import type { Workspace } from "../test/support/workspace.ts";
import { goalOf, summarize } from "./figures.ts";
import type { Measurement } from "./figures.ts";

const RELEASES = 10;
const POLL_MILLISECONDS = 20;
const MOST_SECONDS = 0.5;

/**
 * Measures what a release adds to the start of the program: from the first answer of the new container, asked directly,
 * to the first answer of the new version through the proxy.
 */
export async function measureSwitch(workspace: Workspace): Promise<Measurement> {
  const environment = await createLoadEnvironment(workspace, 1);
  const seconds: number[] = [];
  for (let release = 1; release <= RELEASES; release++) {
    const { direct, proxied } = await timeRelease(workspace, environment, release);
    seconds.push((proxied - direct) / 1000);
  }
  return {
    what: "switch",
    title: `${RELEASES} releases, from the container's own first answer to the first through the proxy`,
    series: [{ name: "a release adds", unit: "s", values: seconds }],
    remarks: [],
    goal: goalOf("seconds, median", summarize(seconds).median, MOST_SECONDS),
  };
}

/** When a release first answers, directly and through the proxy, in milliseconds of the performance clock. */
async function timeRelease(workspace: Workspace, environment: LoadEnvironment, release: number) {
  const { hostname } = new URL(environment.url);
  const starts = await watchStarts(workspace, "app");
  const deploy = new AbortController();
  const firstAnswer = async (ask: () => Promise<unknown>) => {
    for (;;) {
      deploy.signal.throwIfAborted();
      if ((await ask().catch(() => undefined)) === String(release)) return performance.now();
      await pause(POLL_MILLISECONDS);
    }
  };
  try {
    const [direct, proxied] = await Promise.all([
      starts.address().then((address) => firstAnswer(() => askContainer(address))),
      firstAnswer(async () => (await workspace.get(hostname)).headers["x-release"]),
      environment.release(release),
    ]);
    return { direct, proxied };
  } finally {
    starts.close();
    deploy.abort();
  }
}

async function askContainer(address: string): Promise<string | null> {
  const { headers } = await fetch(`http://${address}:8080/`, { signal: AbortSignal.timeout(1000) });
  return headers.get("x-release");
}
