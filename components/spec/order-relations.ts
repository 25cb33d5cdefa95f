import { type Fault, pathOf, shown } from "./error.ts";
import { cycleIn } from "./order.ts";
import { fault } from "./relations.ts";
import type { JobSketch, ServiceSketch, Sketch } from "./sketch.ts";
import { choice } from "./suggestion.ts";

/** Checks what comes before what: jobs that run before a release, and what waits for what. Pure. */
export function orderFaults(environment: Sketch): Fault[] {
  const { services, jobs } = environment;
  const faults = [
    ...Object.entries(services).flatMap(([name, service]) =>
      service === undefined
        ? []
        : [
            ...beforeFaults(["services", name], service, jobs),
            ...waitFaults(["services", name], service.waitsFor, environment),
          ],
    ),
    ...Object.entries(jobs).flatMap(([name, job]) =>
      job === undefined
        ? []
        : [
            ...scheduleFaults(["jobs", name], name, job, services),
            ...waitFaults(["jobs", name], job.waitsFor, environment),
          ],
    ),
  ];
  // Names that are wrong would make circles that nobody has drawn.
  return faults.length > 0 ? faults : cycleFaults(environment);
}

function beforeFaults(path: readonly string[], { before }: ServiceSketch, jobs: Sketch["jobs"]): Fault[] {
  return before.flatMap((name, index) => {
    if (name === undefined) return [];
    const place = [...path, "before", index];
    if (!Object.hasOwn(jobs, name)) {
      return [fault(place, `must be a job of this environment, got ${shown(name)}${choice(name, Object.keys(jobs))}`)];
    }
    if (jobs[name]?.schedule === undefined) return [];
    const advice = `take ${pathOf(["jobs", name, "schedule"])} out, or make it two jobs`;
    return [fault(place, `must be a job without schedule, got ${shown(name)}, which has one; ${advice}`)];
  });
}

/** A job runs by a schedule or before a release; one that does neither would never run. */
function scheduleFaults(path: readonly string[], name: string, job: JobSketch, services: Sketch["services"]): Fault[] {
  if (job.schedule !== undefined) return [];
  const isNamed = Object.values(services).some((service) => service?.before.includes(name));
  const advice = `write when it runs, or name it in a service: before: [${JSON.stringify(name)}]`;
  const only = ["timeZone", "catchUp"] as const;
  return [
    ...(isNamed
      ? []
      : [fault([...path, "schedule"], `must be set for a job that no service names, got nothing; ${advice}`)]),
    ...only
      .filter((key) => isNamed && job[key] !== undefined)
      .map((key) => fault([...path, key], "must not be set without schedule")),
  ];
}

function waitFaults(path: readonly string[], waitsFor: ServiceSketch["waitsFor"], { services, jobs }: Sketch): Fault[] {
  const known = [...Object.keys(services), ...Object.keys(jobs)];
  return waitsFor.flatMap((name, index) => {
    if (name === undefined || known.includes(name)) return [];
    const place = [...path, "waitsFor", index];
    const rule = "must be a service or a job of this environment";
    return [fault(place, `${rule}, got ${shown(name)}${choice(name, known)}`)];
  });
}

function cycleFaults({ services, jobs }: Sketch): Fault[] {
  if (Object.keys(jobs).some((name) => Object.hasOwn(services, name))) return [];
  const cycle = cycleIn({
    ...needs(services, ({ before, waitsFor }) => [...before, ...waitsFor]),
    ...needs(jobs, ({ schedule, service, waitsFor }) => [...waitsFor, ...(schedule === undefined ? [] : [service])]),
  });
  const [first] = cycle ?? [];
  if (cycle === undefined || first === undefined) return [];
  const kind = Object.hasOwn(services, first) ? "services" : "jobs";
  return [fault([kind, first], `must not wait for itself, got ${cycle.join(" → ")}`)];
}

function needs<T>(
  programs: Readonly<Record<string, T | undefined>>,
  of: (program: T) => readonly unknown[],
): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(programs).map(([name, program]) => {
      const found = program === undefined ? [] : of(program);
      return [name, found.filter((need) => typeof need === "string")];
    }),
  );
}
