import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import { shell } from "./shell.ts";
import { parseBackends, parseMap, parseSlots, parseStatistics } from "./runtime-output.ts";
import type { RunningSlot, SlotStatistics } from "./runtime-output.ts";

const HOSTS_MAP = "/etc/slipway/hosts.map";
const SEPARATOR = "\x1e";

// One connection for each line, since the master closes it after the answer; a separator ends each answer. While the
// master starts itself anew it refuses connections or drops them, and what was asked is asked again. Everything that
// belongs together is one script, since each start of a command in a container takes as long as the rest.
const ASK = `ask() {
  tries=0
  while answer=$(printf '%s\\n' "$1" | nc -w 5 127.0.0.1 9998 2>/dev/null; echo .); [ "$answer" = . ]; do
    [ $((tries += 1)) -le 50 ] || { echo "HAProxy's master process does not answer" >&2; return 1; }
    sleep 0.1
  done
  printf '%s\\036' "\${answer%.}"
}
`;
const ASK_EACH = `${ASK}for line; do ask "$line" || exit; done`;
const ASK_WORKERS = `${ASK}processes=$(ask 'show proc') || exit
for pid in $(printf '%s' "$processes" | sed -n 's/^\\([0-9][0-9]*\\) .*worker.*/\\1/p'); do
  ask "$(printf '%s' "$1" | sed "s/@@/@!$pid/g")" || exit
done`;
// The master's own words for a worker that is not there yet.
const NO_WORKER = /^Can't (find|connect to) the target/;
const PATIENCE_MS = 5000;

/**
 * The runtime interface of a proxy's processes. Everything goes through the master's socket, since it alone tells the
 * current worker from older ones.
 */
export class Runtime {
  readonly proxy: Docker.Container;

  constructor(proxy: Docker.Container) {
    this.proxy = proxy;
  }

  /** The slots of a backend in the current worker; undefined when it has no such backend. */
  async slots(backend: string): Promise<RunningSlot[] | undefined> {
    const [answer = ""] = await this.ask(`@1 show servers state ${backend}`);
    return parseSlots(answer);
  }

  /** The slots of every backend in the current worker. */
  async backends(): Promise<Map<string, RunningSlot[]>> {
    const [answer = ""] = await this.ask("@1 show servers state");
    return parseBackends(answer);
  }

  /** The slots of a backend, and which backend each `host/path/` leads to, in the current worker. */
  async routing(backend: string): Promise<{ slots: RunningSlot[] | undefined; hosts: Map<string, string> }> {
    const [slots = "", hosts = ""] = await this.ask(`@1 show servers state ${backend}`, `@1 show map ${HOSTS_MAP}`);
    return { slots: parseSlots(slots), hosts: parseMap(hosts) };
  }

  /** Statistics of a backend's servers in every worker that still runs, the current one first. */
  async statistics(backend: string): Promise<Map<string, SlotStatistics>[]> {
    return (await this.run([`show stat ${backend} 4 -1`])).map(parseStatistics);
  }

  /** True when the current worker serves a certificate from this file. */
  async servesCertificate(file: string): Promise<boolean> {
    const [answer = ""] = await this.ask("@1 show ssl cert");
    return answer.split("\n").includes(file);
  }

  /**
   * Runs commands at once in every worker, since older ones still have requests open. What they do not know they refuse,
   * and any change of a server, which harms nothing: requests that come to them they hand on to the current one.
   *
   * @returns one answer for each worker, the current one first.
   */
  async run(commands: readonly string[]): Promise<string[]> {
    if (commands.length === 0) return [];
    const line = commands.map((command) => `@@ ${command}`).join("; ");
    return split(await shell(this.proxy, ASK_WORKERS, line));
  }

  /** Makes the running processes route exactly these hosts. */
  async setHosts(running: ReadonlyMap<string, string>, wanted: ReadonlyMap<string, string>): Promise<void> {
    const gone = [...running.keys()].filter((key) => !wanted.has(key));
    const set = [...wanted].filter(([key, backend]) => running.get(key) !== backend);
    await this.run([
      ...set.map(([key, backend]) => `${running.has(key) ? "set" : "add"} map ${HOSTS_MAP} ${key} ${backend}`),
      ...gone.map((key) => `del map ${HOSTS_MAP} ${key}`),
    ]);
  }

  private async ask(...lines: string[]): Promise<string[]> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const answers = split(await shell(this.proxy, ASK_EACH, ...lines));
      const refusal = answers.find((answer) => NO_WORKER.test(answer));
      if (refusal === undefined) return answers;
      if (Date.now() > deadline) throw new Error(`HAProxy has no worker process: ${refusal.trim()}`);
      await sleep(100);
    }
  }
}

function split(answers: string): string[] {
  return answers.split(SEPARATOR).slice(0, -1);
}
