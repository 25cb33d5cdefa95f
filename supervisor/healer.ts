import { observe } from "./condition.ts";
import type { Observation } from "./condition.ts";
import { isGone } from "./engine.ts";
import type { Engine, ListedContainer } from "./engine.ts";
import { decide, remember, restarted } from "./healing.ts";
import type { Decision, Lifetime, Memory } from "./healing.ts";
import { withRole } from "./labels.ts";
import type { Log } from "./log.ts";
import { ProxyWatch } from "./proxy.ts";

/** A program that hangs does not end itself either; one that is merely slow gets a little time. */
const STOP_SECONDS = 5;

/** Restarts the containers of services that hang. */
export class Healer {
  private readonly engine: Engine;
  private readonly log: Log;
  private readonly proxy: ProxyWatch;
  private memory: Memory = new Map();
  /** Containers that were restarted, with the time, until they are well. */
  private readonly recovering = new Map<string, number>();
  /** Who waits, and why, as last logged. */
  private waiting = new Map<string, string>();

  constructor(engine: Engine, log: Log) {
    this.engine = engine;
    this.log = log;
    this.proxy = new ProxyWatch(engine);
  }

  /** Looks at every service of the namespace and does what is to be done. Returns before restarts are through. */
  async look(containers: readonly ListedContainer[], now: number): Promise<void> {
    const view = await this.proxy.look(withRole(containers, "proxy"));
    const seen = withRole(containers, "app").map((container) => observe(container, view));
    this.memory = remember(this.memory, seen, now);
    this.tellRecovered(seen, now);
    const decisions = decide(this.memory, seen, await this.lifetimesOf(seen), now);
    this.tellWaiting(decisions);
    for (const { kind, container, ...rest } of decisions) {
      if (kind === "restart") void this.restart(container, { ...rest }, now);
    }
  }

  /** Lets go of the proxy. */
  close(): void {
    this.proxy.close();
  }

  private async restart(container: Observation, told: { why: string; attempt?: number }, now: number): Promise<void> {
    const where = placeOf(container);
    this.memory = restarted(this.memory, container.id, now);
    this.recovering.set(container.id, now);
    this.log({ action: "restart", ...where, ...told });
    try {
      await this.engine.restart(container.id, STOP_SECONDS);
      this.log({ action: "restarted", ...where, seconds: secondsSince(now) });
    } catch (error) {
      // A deploy may remove a container at any time.
      if (!isGone(error)) this.log({ action: "failed", ...where, why: `restart: ${String(error)}` });
    }
  }

  private tellRecovered(seen: readonly Observation[], now: number): void {
    for (const container of seen) {
      const since = this.recovering.get(container.id);
      if (since === undefined || (this.memory.get(container.id)?.wellAt ?? 0) < now) continue;
      this.recovering.delete(container.id);
      this.log({ action: "recovered", ...placeOf(container), seconds: secondsSince(since) });
    }
    const ids = new Set(seen.map(({ id }) => id));
    for (const id of this.recovering.keys()) if (!ids.has(id)) this.recovering.delete(id);
  }

  private tellWaiting(decisions: readonly Decision[]): void {
    const waits = decisions.filter(({ kind }) => kind === "wait");
    for (const { container, why } of waits) {
      if (this.waiting.get(container.id) !== why) this.log({ action: "wait", ...placeOf(container), why });
    }
    this.waiting = new Map(waits.map(({ container, why }) => [container.id, why]));
  }

  private async lifetimesOf(seen: readonly Observation[]): Promise<Map<string, Lifetime>> {
    const sick = seen.filter(({ condition }) => condition.kind === "sick");
    const found = await Promise.all(sick.map(async ({ id }) => [id, await this.lifetimeOf(id)] as const));
    return new Map(found.flatMap(([id, lifetime]) => (lifetime ? [[id, lifetime]] : [])));
  }

  private async lifetimeOf(id: string): Promise<Lifetime | undefined> {
    try {
      const { Created, State } = await this.engine.inspect(id);
      return { createdAt: Date.parse(Created), startedAt: Date.parse(State.StartedAt) };
    } catch (error) {
      if (isGone(error)) return undefined;
      throw error;
    }
  }
}

function placeOf({ environment, service, container }: Observation) {
  return { environment, service, container };
}

function secondsSince(began: number): number {
  return Math.round((Date.now() - began) / 100) / 10;
}
