import type Docker from "dockerode";
import { shell } from "./exec.ts";
import { parseMap, parseSlots, parseStatistics, parseWorkers } from "./runtime-output.ts";
import type { RunningSlot, SlotStatistics, Workers } from "./runtime-output.ts";

const HOSTS_MAP = "/etc/slipway/hosts.map";
// One connection per line, since the master closes it after the answer; a record separator ends each answer.
const ASK = `for line; do printf '%s\\n' "$line" | nc -w 5 127.0.0.1 9998 || exit; printf '\\036'; done`;

/**
 * The runtime interface of a proxy's processes. Everything goes through the master's socket, since it alone tells the
 * current worker from older ones.
 */
export class Runtime {
  readonly proxy: Docker.Container;

  constructor(proxy: Docker.Container) {
    this.proxy = proxy;
  }

  /** Asks the master; one answer for each line. */
  async ask(...lines: string[]): Promise<string[]> {
    const answers = await shell(this.proxy, ASK, ...lines);
    return answers.split("\x1e").slice(0, lines.length);
  }

  async workers(): Promise<Workers> {
    const [answer = ""] = await this.ask("show proc");
    return parseWorkers(answer);
  }

  /** The slots of a backend in the current worker; undefined when it has no such backend. */
  async slots(backend: string): Promise<RunningSlot[] | undefined> {
    const [answer = ""] = await this.ask(`@1 show servers state ${backend}`);
    return parseSlots(answer);
  }

  /** Statistics of every server in every worker that still runs, older ones included. */
  async statistics(): Promise<Map<string, SlotStatistics>[]> {
    const pids = await this.pids();
    const answers = await this.ask(...pids.map((pid) => `@!${pid} show stat -1 4 -1`));
    return answers.map(parseStatistics);
  }

  /** Which backend each `host/path/` leads to in the current worker. */
  async hosts(): Promise<Map<string, string>> {
    const [answer = ""] = await this.ask(`@1 show map ${HOSTS_MAP}`);
    return parseMap(answer);
  }

  /**
   * Runs commands at once in every worker: an older one may still get a request on a connection that was open when it
   * was replaced, and has to send it where the current one would. What it does not know it refuses, which harms nothing.
   */
  async run(commands: readonly string[]): Promise<void> {
    if (commands.length === 0) return;
    const pids = await this.pids();
    await this.ask(...pids.map((pid) => commands.map((command) => `@!${pid} ${command}`).join("; ")));
  }

  /** Makes the running processes route exactly these hosts. */
  async setHosts(wanted: ReadonlyMap<string, string>): Promise<void> {
    const running = await this.hosts();
    const gone = [...running.keys()].filter((key) => !wanted.has(key));
    const set = [...wanted].filter(([key, backend]) => running.get(key) !== backend);
    await this.run([
      ...set.map(([key, backend]) => `${running.has(key) ? "set" : "add"} map ${HOSTS_MAP} ${key} ${backend}`),
      ...gone.map((key) => `del map ${HOSTS_MAP} ${key}`),
    ]);
  }

  private async pids(): Promise<number[]> {
    const { current, old } = await this.workers();
    return current === undefined ? old : [current, ...old];
  }
}
