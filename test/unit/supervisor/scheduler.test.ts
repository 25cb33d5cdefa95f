import { beforeEach, describe, expect, it } from "vitest";
import { EngineError } from "../../../supervisor/engine.ts";
import type { InspectedContainer, ListedContainer } from "../../../supervisor/engine.ts";
import type { LogEntry } from "../../../supervisor/log.ts";
import { Scheduler } from "../../../supervisor/scheduler.ts";

const MINUTE = 60_000;
const NEVER = "0001-01-01T00:00:00Z";
const DEPLOYED = Date.parse("2026-11-22T02:00:00Z");
const DUE = Date.parse("2026-11-22T03:00:00Z");

interface JobOptions {
  createdAt?: number;
  pids?: number;
  /** What is undefined is left out. */
  labels?: Record<string, string | undefined>;
}

/** An engine with the containers of jobs, in memory. */
class FakeEngine {
  readonly containers = new Map<string, { listed: ListedContainer; info: InspectedContainer }>();
  readonly calls: string[] = [];

  add(id: string, { createdAt = DEPLOYED, pids = 100, labels = {} }: JobOptions = {}): void {
    const all: Record<string, string | undefined> = {
      "slipway.role": "job",
      "slipway.environment": "dev",
      "slipway.job": "nightly",
      "slipway.schedule": "0 3 * * *",
      "slipway.timeZone": "UTC",
      "slipway.timeoutSeconds": "600",
      ...labels,
    };
    const Labels = Object.fromEntries(
      Object.entries(all).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
    );
    this.containers.set(id, {
      listed: { Id: id, Names: [`/${id}`], Labels, State: "created", Status: "Created", Created: createdAt / 1000 },
      info: {
        Created: new Date(createdAt).toISOString(),
        State: { Running: false, ExitCode: 0, OOMKilled: false, StartedAt: NEVER, FinishedAt: NEVER },
        HostConfig: { PidsLimit: pids },
      },
    });
  }

  setRunning(id: string, startedAt: number): void {
    const { listed, info } = this.get(id);
    listed.State = "running";
    info.State = { ...info.State, Running: true, StartedAt: new Date(startedAt).toISOString() };
  }

  setEnded(id: string, exitCode: number, startedAt: number, endedAt: number): void {
    const { listed, info } = this.get(id);
    listed.State = "exited";
    const [StartedAt, FinishedAt] = [new Date(startedAt).toISOString(), new Date(endedAt).toISOString()];
    info.State = { Running: false, ExitCode: exitCode, OOMKilled: false, StartedAt, FinishedAt };
  }

  inspect(id: string): Promise<InspectedContainer> {
    return Promise.resolve(this.get(id).info);
  }

  start(id: string): Promise<void> {
    this.calls.push(`start ${id}`);
    this.setRunning(id, DUE);
    return Promise.resolve();
  }

  stop(id: string, graceSeconds: number): Promise<void> {
    this.calls.push(`stop ${id}, ${graceSeconds} s`);
    return Promise.resolve();
  }

  private get(id: string) {
    const found = this.containers.get(id);
    if (!found) throw new EngineError(404, `no ${id}`);
    return found;
  }
}

let engine: FakeEngine;
let log: LogEntry[];
let scheduler: Scheduler;

beforeEach(() => {
  engine = new FakeEngine();
  log = [];
  scheduler = new Scheduler(engine, (entry) => log.push(entry));
});

/** Looks at these times, each after the next. */
async function lookAt(...times: number[]): Promise<void> {
  for (const now of times) {
    await scheduler.look(
      [...engine.containers.values()].map(({ listed }) => ({ ...listed })),
      now,
    );
  }
}

const where = { environment: "dev", job: "nightly" };

describe("a job", () => {
  it("is started when it is due, once", async () => {
    engine.add("nightly-1");

    await lookAt(DUE - 1000, DUE, DUE + 1000);

    expect(engine.calls).toEqual(["start nightly-1"]);
    expect(log).toEqual([{ action: "run", ...where, container: "nightly-1", why: "due at 2026-11-22T03:00:00.000Z" }]);
  });

  it("tells how its run ended", async () => {
    engine.add("nightly-1");
    await lookAt(DUE - 1000, DUE);
    engine.setEnded("nightly-1", 3, DUE, DUE + 2500);

    await lookAt(DUE + 3000, DUE + 4000);

    expect(log.slice(1)).toEqual([{ action: "ended", ...where, container: "nightly-1", exitCode: 3, seconds: 2.5 }]);
  });

  it("is not started while its last run goes on", async () => {
    engine.add("nightly-1", { labels: { "slipway.schedule": "* * * * *" } });
    await lookAt(DUE - 1000, DUE, DUE + MINUTE);

    expect(engine.calls).toEqual(["start nightly-1"]);
    expect(log.at(-1)).toEqual({
      action: "skip",
      ...where,
      why: "due at 2026-11-22T03:01:00.000Z, but its last run has not ended",
    });
  });

  it("is not started while a run of an older version goes on, and then in the newer one", async () => {
    engine.add("nightly-1", { labels: { "slipway.schedule": "* * * * *" } });
    await lookAt(DUE - 1000, DUE);
    engine.add("nightly-2", { createdAt: DUE + 1000, labels: { "slipway.schedule": "* * * * *" } });

    await lookAt(DUE + MINUTE);
    engine.setEnded("nightly-1", 0, DUE, DUE + MINUTE);
    await lookAt(DUE + 2 * MINUTE);

    expect(engine.calls).toEqual(["start nightly-1", "start nightly-2"]);
  });

  it("is started in its older version while the newer one is not released", async () => {
    engine.add("nightly-1");
    engine.add("nightly-2", { createdAt: DUE - 500, pids: 0 });

    await lookAt(DUE - 1000, DUE);

    expect(engine.calls).toEqual(["start nightly-1"]);
  });

  it("is stopped once when it takes too long", async () => {
    engine.add("nightly-1");
    engine.setRunning("nightly-1", DUE);

    await lookAt(DUE + 600_000, DUE + 600_001, DUE + 600_002);

    expect(engine.calls).toEqual(["stop nightly-1, 10 s"]);
    expect(log).toEqual([
      {
        action: "time-out",
        ...where,
        container: "nightly-1",
        why: "it runs for more than timeoutSeconds = 600",
      },
    ]);
  });

  it("without a schedule is started by a deploy alone, and ended when the deploy is gone and it takes too long", async () => {
    engine.add("migrate-run", { labels: { "slipway.job": "migrate", "slipway.schedule": undefined } });

    await lookAt(DUE - 1000, DUE);
    expect([engine.calls, log]).toEqual([[], []]);

    engine.setRunning("migrate-run", DUE);
    await lookAt(DUE + 600_001);
    expect(engine.calls).toEqual(["stop migrate-run, 10 s"]);
  });

  it("whose schedule cannot be read keeps no other from being started, and is told once", async () => {
    engine.add("odd", { labels: { "slipway.job": "odd", "slipway.schedule": "when I say so" } });
    engine.add("nightly-1");

    await lookAt(DUE - 1000, DUE);

    expect(engine.calls).toEqual(["start nightly-1"]);
    expect(log.filter(({ job }) => job === "odd").map(({ action }) => action)).toEqual(["failed"]);
  });
});

describe("a run that was due while nobody looked", () => {
  it("is told and left out", async () => {
    engine.add("nightly-1");

    await lookAt(DUE + 2 * MINUTE, DUE + 3 * MINUTE);

    expect(engine.calls).toEqual([]);
    expect(log).toEqual([
      { action: "missed", ...where, why: "due at 2026-11-22T03:00:00.000Z, when nobody could start it" },
    ]);
  });

  it("is made up for where that is wanted", async () => {
    engine.add("nightly-1", { labels: { "slipway.catchUp": "true" } });

    await lookAt(DUE + 2 * MINUTE);

    expect(engine.calls).toEqual(["start nightly-1"]);
  });

  it("is none when the job was deployed later", async () => {
    engine.add("nightly-1", { createdAt: DUE + MINUTE });

    await lookAt(DUE + 2 * MINUTE);

    expect(log).toEqual([]);
  });

  it("is none when the job ran since", async () => {
    engine.add("nightly-1");
    engine.setEnded("nightly-1", 0, DUE, DUE + 1000);

    await lookAt(DUE + 2 * MINUTE);

    expect(log).toEqual([]);
  });
});
