import type { Observation } from "./condition.ts";

/** What is remembered of a container from one look to the next. Times in milliseconds since 1970. */
export interface History {
  /** When it was last seen well. */
  wellAt?: number;
  /** Since when it has been well without a break. */
  wellSince?: number;
  /** Looks in a row at which it was sick. */
  sickLooks: number;
  /** Restarts since it was last well for long. */
  attempts: number;
  restartedAt?: number;
}

/** Records by container id. */
export type Memory = ReadonlyMap<string, History>;

/** When a container came into being and when it last started, in milliseconds since 1970. */
export interface Lifetime {
  createdAt: number;
  startedAt: number;
}

/** What is to be done about a container. */
export type Decision =
  | { kind: "restart"; container: Observation; why: string; attempt: number }
  | { kind: "wait"; container: Observation; why: string };

// The proxy has seen several failures in a row before it says so; the second look rules out a reload in between.
const LOOKS = 2;
const START_PATIENCE_MS = 60_000;
/** The longest time that a release may wait for a new container (`gateSeconds`). */
const GATE_MS = 3_600_000;
const FIRST_BACK_OFF_MS = 10_000;
const LONGEST_BACK_OFF_MS = 300_000;
/** After so long a time of health the next fault is a new one. */
const FORGIVEN_MS = 300_000;

/** Takes what was seen into what is remembered. What is gone is forgotten. */
export function remember(memory: Memory, seen: readonly Observation[], now: number): Memory {
  return new Map(seen.map(({ id, condition: { kind } }) => [id, historyAfter(memory.get(id), kind, now)]));
}

/**
 * Decides what is restarted now. Each service's containers come one after the other, and a service after those that it
 * calls.
 *
 * @param lifetimes of the containers that are sick; one whose lifetime is missing is left alone.
 */
export function decide(
  memory: Memory,
  seen: readonly Observation[],
  lifetimes: ReadonlyMap<string, Lifetime>,
  now: number,
): Decision[] {
  const busy = new Set(seen.filter(({ id }) => isComingBack(memory.get(id), now)).map(serviceOf));
  const decisions: Decision[] = [];
  for (const container of seen) {
    const history = memory.get(container.id);
    const lifetime = lifetimes.get(container.id);
    if (!history || !lifetime || busy.has(serviceOf(container)) || !isDue(container, history, lifetime, now)) continue;
    // One of a service at a time: the others go on serving, if they can.
    busy.add(serviceOf(container));
    decisions.push(decideFor(container, history, seen));
  }
  return decisions;
}

/** Notes that a container is being restarted. */
export function restarted(memory: Memory, id: string, now: number): Memory {
  const { attempts } = memory.get(id) ?? NEW;
  return new Map(memory).set(id, { sickLooks: 0, attempts: attempts + 1, restartedAt: now });
}

/** Time from one restart of a container to the next, in milliseconds, after so many of them. */
export function backOff(attempts: number): number {
  return attempts === 0 ? 0 : Math.min(FIRST_BACK_OFF_MS * 2 ** (attempts - 1), LONGEST_BACK_OFF_MS);
}

const NEW: History = { sickLooks: 0, attempts: 0 };

function historyAfter(history: History = NEW, kind: Observation["condition"]["kind"], now: number): History {
  const { wellSince = now, attempts } = history;
  if (kind === "sick") return { ...history, wellSince: undefined, sickLooks: history.sickLooks + 1 };
  if (kind !== "well") return { ...history, wellSince: undefined, sickLooks: 0 };
  return {
    ...history,
    wellAt: now,
    wellSince,
    sickLooks: 0,
    attempts: now - wellSince >= FORGIVEN_MS ? 0 : attempts,
  };
}

function isDue(container: Observation, history: History, lifetime: Lifetime, now: number): boolean {
  const { restartedAt = 0, attempts, sickLooks } = history;
  return sickLooks >= LOOKS && isHung(container, history, lifetime, now) && now >= restartedAt + backOff(attempts);
}

/** One that was well since it started hangs. One that was not may still be starting, for which it gets its time. */
function isHung({ condition }: Observation, { wellAt = 0 }: History, lifetime: Lifetime, now: number): boolean {
  const { createdAt, startedAt } = lifetime;
  if (wellAt > startedAt) return true;
  // Whom the proxy sends requests has been released. For the others a release may still be waiting.
  const isReleased = condition.kind === "sick" && condition.checkedBy === "proxy";
  return now - startedAt > START_PATIENCE_MS && (isReleased || now - createdAt > GATE_MS);
}

function isComingBack({ restartedAt, wellAt = 0 }: History = NEW, now: number): boolean {
  return restartedAt !== undefined && wellAt < restartedAt && now - restartedAt < START_PATIENCE_MS;
}

function decideFor(container: Observation, { attempts }: History, seen: readonly Observation[]): Decision {
  const why = container.condition.kind === "sick" ? container.condition.why : "";
  const first = container.links.find((link) => isFirst(link, container, seen));
  if (first === undefined) return { kind: "restart", container, why, attempt: attempts + 1 };
  return { kind: "wait", container, why: `${why}, as does no container of ${first}, which it calls` };
}

/** A service that is called comes first while none of its containers works, unless the two call each other. */
function isFirst(link: string, { environment, service }: Observation, seen: readonly Observation[]): boolean {
  const neighbours = seen.filter((other) => other.environment === environment);
  const called = neighbours.filter((other) => other.service === link);
  const works = called.some(({ condition: { kind } }) => kind === "well" || kind === "unknown");
  return called.length > 0 && !works && !calls(link, service, neighbours);
}

function calls(from: string, to: string, neighbours: readonly Observation[], visited = new Set<string>()): boolean {
  if (visited.has(from)) return false;
  visited.add(from);
  const links = new Set(neighbours.filter(({ service }) => service === from).flatMap((it) => it.links));
  return links.has(to) || [...links].some((link) => calls(link, to, neighbours, visited));
}

function serviceOf({ environment, service }: Observation): string {
  return `${environment}/${service}`;
}
