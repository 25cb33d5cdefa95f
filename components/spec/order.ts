import type { Job } from "./job.ts";
import type { Service } from "./service.ts";

/** What of services and jobs decides what comes first. */
interface Programs {
  readonly services: Readonly<Record<string, Pick<Service, "before" | "waitsFor">>>;
  readonly jobs: Readonly<Record<string, Pick<Job, "schedule" | "source" | "waitsFor">>>;
}

/** What has to have succeeded before each service and job is started, by its name. */
export function needsOf({ services, jobs }: Programs): Record<string, readonly string[]> {
  return {
    ...mapEntries(services, ({ before, waitsFor }) => [...before, ...waitsFor]),
    ...mapEntries(jobs, ({ schedule, source, waitsFor }) => {
      // A scheduled job runs what the release of its service gives; one without runs the image before its release.
      const takesRelease = schedule !== undefined && source.kind === "service";
      return takesRelease ? [...waitsFor, source.service] : waitsFor;
    }),
  };
}

/**
 * All names, each after those that it needs. A need that is no name is left out.
 *
 * @throws {TypeError} when one needs itself in the end.
 */
export function inOrder(needs: Readonly<Record<string, readonly string[]>>): string[] {
  const cycle = cycleIn(needs);
  if (cycle) throw new TypeError(`ordered before the relations were checked: ${cycle.join(" → ")}`);
  const order = new Set<string>();
  const visit = (name: string): void => {
    const own = needs[name];
    if (own === undefined || order.has(name)) return;
    own.forEach(visit);
    order.add(name);
  };
  Object.keys(needs).forEach(visit);
  return [...order];
}

/** Names that need each other in a circle, the first one once more at the end; undefined when there is none. */
export function cycleIn(needs: Readonly<Record<string, readonly string[]>>): string[] | undefined {
  const cleared = new Set<string>();
  const follow = (name: string, trail: readonly string[]): string[] | undefined => {
    if (trail.includes(name)) return [...trail.slice(trail.indexOf(name)), name];
    if (cleared.has(name)) return undefined;
    for (const need of needs[name] ?? []) {
      const cycle = follow(need, [...trail, name]);
      if (cycle) return cycle;
    }
    cleared.add(name);
    return undefined;
  };
  for (const name of Object.keys(needs)) {
    const cycle = follow(name, []);
    if (cycle) return cycle;
  }
  return undefined;
}

function mapEntries<T>(
  record: Readonly<Record<string, T>>,
  map: (value: T) => readonly string[],
): Record<string, readonly string[]> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
