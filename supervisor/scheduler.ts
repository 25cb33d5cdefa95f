import { isGone } from "./engine.ts";
import type { Engine, InspectedContainer, ListedContainer } from "./engine.ts";
import { labels, nameOf, withRole } from "./labels.ts";
import type { Log, LogEntry } from "./log.ts";
import { dueWithin } from "./schedule.ts";
import type { Due } from "./schedule.ts";

/** Time between SIGTERM and SIGKILL for a run that takes too long. */
const STOP_SECONDS = 10;

/** All containers of one job: that of the deployed version, and those of others while a deploy is on its way. */
interface Job {
  environment: string;
  job: string;
  /** Newest first. */
  containers: readonly ListedContainer[];
}

/** A container with what the engine tells of it. */
interface Inspected {
  container: ListedContainer;
  info: InspectedContainer;
}

/** What of the engine starts and ends runs. */
export type JobEngine = Pick<Engine, "inspect" | "start" | "stop">;

/** Starts jobs when they are due, one run of each at a time, and ends runs that take too long. */
export class Scheduler {
  private readonly engine: JobEngine;
  private readonly log: Log;
  /** Up to when each job was looked after, in milliseconds since 1970. */
  private readonly lookedAt = new Map<string, number>();
  /** Jobs whose schedule was told to be none. */
  private readonly unreadable = new Map<string, string>();
  /** Containers that are known to run. */
  private readonly running = new Map<string, { startedAt: number; timedOut: boolean }>();

  constructor(engine: JobEngine, log: Log) {
    this.engine = engine;
    this.log = log;
  }

  /** Looks at every job of the namespace and does what is to be done. */
  async look(containers: readonly ListedContainer[], now: number): Promise<void> {
    const jobs = jobsAmong(withRole(containers, "job"));
    for (const job of jobs) {
      for (const container of job.containers) await this.follow(job, container, now);
      if (hasSchedule(job)) await this.startIfDue(job, now);
    }
    forget(this.lookedAt, jobs.map(keyOf));
    forget(
      this.running,
      containers.map(({ Id }) => Id),
    );
  }

  private async startIfDue(job: Job, now: number): Promise<void> {
    const since = this.lookedAt.get(keyOf(job)) ?? (await this.lastSeen(job)) ?? now;
    this.lookedAt.set(keyOf(job), now);
    const due = this.dueOf(job, since, now);
    if (!due) return;
    const missed = due.missed && job.containers[0]?.Labels[labels.catchUp] !== "true";
    const why = `due at ${new Date(due.at).toISOString()}`;
    if (missed) {
      this.log({ action: "missed", ...placeOf(job), why: `${why}, when nobody could start it` });
      return;
    }
    if (job.containers.some(({ State }) => State !== "created" && State !== "exited" && State !== "dead")) {
      this.log({ action: "skip", ...placeOf(job), why: `${why}, but its last run has not ended` });
      return;
    }
    await this.run(job, why);
  }

  /** A schedule that cannot be read keeps nothing else from being done; it is told once. */
  private dueOf(job: Job, since: number, now: number): Due | undefined {
    const { [labels.schedule]: pattern = "", [labels.timeZone]: timeZone = "UTC" } = job.containers[0]?.Labels ?? {};
    try {
      return dueWithin({ pattern, timeZone }, since, now);
    } catch (error) {
      if (!this.unreadable.has(keyOf(job))) this.log({ action: "failed", ...placeOf(job), why: String(error) });
      this.unreadable.set(keyOf(job), pattern);
      return undefined;
    }
  }

  private async run(job: Job, why: string): Promise<void> {
    const current = (await this.inspectAll(job)).find(isReleased);
    if (!current) return;
    const container = nameOf(current.container);
    this.log({ action: "run", ...placeOf(job), container, why });
    try {
      await this.engine.start(current.container.Id);
      this.running.set(current.container.Id, { startedAt: Date.now(), timedOut: false });
    } catch (error) {
      this.log({ action: "failed", ...placeOf(job), container, why: `start: ${String(error)}` });
    }
  }

  /** Notices that a run has ended, or has taken too long. */
  private async follow(job: Job, container: ListedContainer, now: number): Promise<void> {
    const known = this.running.get(container.Id);
    if (container.State === "running") {
      const run = known ?? (await this.adopt(container));
      if (run) this.endIfLate(job, container, run, now);
    } else if (known) {
      this.running.delete(container.Id);
      const info = await this.inspect(container.Id);
      if (info) this.log({ action: "ended", ...placeOf(job), container: nameOf(container), ...resultOf(info) });
    }
  }

  /** A run that an earlier supervisor, or somebody by hand, has started. */
  private async adopt({ Id }: ListedContainer): Promise<{ startedAt: number; timedOut: boolean } | undefined> {
    const info = await this.inspect(Id);
    if (!info) return undefined;
    const run = { startedAt: Date.parse(info.State.StartedAt), timedOut: false };
    this.running.set(Id, run);
    return run;
  }

  private endIfLate(
    job: Job,
    container: ListedContainer,
    run: { startedAt: number; timedOut: boolean },
    now: number,
  ): void {
    const timeoutSeconds = Number(container.Labels[labels.timeoutSeconds]);
    if (run.timedOut || !(now - run.startedAt > timeoutSeconds * 1000)) return;
    run.timedOut = true;
    const where = { ...placeOf(job), container: nameOf(container) };
    this.log({ action: "time-out", ...where, why: `it runs for more than timeoutSeconds = ${timeoutSeconds}` });
    this.engine.stop(container.Id, STOP_SECONDS).catch((error: unknown) => {
      run.timedOut = false;
      this.log({ action: "failed", ...where, why: `stop: ${String(error)}` });
    });
  }

  /** What a supervisor that has just started can know: nothing was due before the job's last run or its deploy. */
  private async lastSeen(job: Job): Promise<number | undefined> {
    const times = (await this.inspectAll(job)).flatMap(({ info }) => [info.Created, info.State.StartedAt]);
    const known = times.map((time) => Date.parse(time)).filter((time) => time > 0);
    return known.length === 0 ? undefined : Math.max(...known);
  }

  private async inspectAll({ containers }: Job): Promise<Inspected[]> {
    const found = await Promise.all(
      containers.map(async (container) => ({ container, info: await this.inspect(container.Id) })),
    );
    return found.flatMap(({ container, info }) => (info ? [{ container, info }] : []));
  }

  private async inspect(id: string): Promise<InspectedContainer | undefined> {
    try {
      return await this.engine.inspect(id);
    } catch (error) {
      if (isGone(error)) return undefined;
      throw error;
    }
  }
}

/** A deploy limits a job's processes when all is well with it, last; one that was given up before does not run. */
function isReleased({ info }: Inspected): boolean {
  return (info.HostConfig.PidsLimit ?? 0) > 0;
}

/** One without is run by a deploy; here it is only ended when it takes too long. */
function hasSchedule({ containers: [newest] }: Job): boolean {
  return newest?.Labels[labels.schedule] !== undefined;
}

function jobsAmong(containers: readonly ListedContainer[]): Job[] {
  const groups = Map.groupBy(containers, ({ Labels }) => `${Labels[labels.environment]}/${Labels[labels.job]}`);
  return [...groups.values()].map((group) => ({
    environment: group[0]?.Labels[labels.environment] ?? "",
    job: group[0]?.Labels[labels.job] ?? "",
    containers: group.toSorted((a, b) => b.Created - a.Created),
  }));
}

function resultOf({ State }: InspectedContainer): Pick<LogEntry, "exitCode" | "seconds" | "why"> {
  const seconds = (Date.parse(State.FinishedAt) - Date.parse(State.StartedAt)) / 1000;
  return {
    exitCode: State.ExitCode,
    seconds: Math.round(seconds * 10) / 10,
    ...(State.OOMKilled && { why: "it was killed for want of memory" }),
  };
}

function keyOf({ environment, job }: Job): string {
  return `${environment}/${job}`;
}

function placeOf({ environment, job }: Job) {
  return { environment, job };
}

function forget(map: Map<string, unknown>, kept: readonly string[]): void {
  for (const key of map.keys()) if (!kept.includes(key)) map.delete(key);
}
