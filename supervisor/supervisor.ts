import type { Engine } from "./engine.ts";
import { Healer } from "./healer.ts";
import { labels } from "./labels.ts";
import type { Log } from "./log.ts";
import { Scheduler } from "./scheduler.ts";

/** Looks after the containers of one namespace on one engine. */
export class Supervisor {
  private readonly engine: Engine;
  private readonly namespace: string;
  private readonly healer: Healer;
  private readonly scheduler: Scheduler;

  constructor(engine: Engine, namespace: string, log: Log) {
    this.engine = engine;
    this.namespace = namespace;
    this.healer = new Healer(engine, log);
    this.scheduler = new Scheduler(engine, log);
  }

  /**
   * Looks once and does what is to be done.
   *
   * @throws {Error} when the engine does not answer.
   */
  async look(): Promise<void> {
    const containers = await this.engine.list(`${labels.namespace}=${this.namespace}`);
    const now = Date.now();
    await Promise.all([this.healer.look(containers, now), this.scheduler.look(containers, now)]);
  }

  /** Lets go of what it holds open. */
  close(): void {
    this.healer.close();
  }
}
