import { type Fault, pathOf, shown } from "./error.ts";
import { mountFaults } from "./mount-relations.ts";
import { fault, nameFaults, secretFaults, userFaults, variableFaults } from "./relations.ts";
import type { JobSketch, Sketch } from "./sketch.ts";
import { choice } from "./suggestion.ts";

/** Checks how jobs go together with the rest of their environment. Pure. */
export function jobFaults(environment: Sketch): Fault[] {
  const { jobs, services } = environment;
  return [
    ...nameFaults("jobs", jobs),
    ...Object.keys(jobs)
      .filter((name) => Object.hasOwn(services, name))
      .map((name) => fault(["jobs", name], `must have a name of its own, as has ${pathOf(["services", name])}`)),
    ...Object.entries(jobs).flatMap(([name, job]) =>
      job === undefined ? [] : faultsOfJob(["jobs", name], job, environment),
    ),
  ];
}

function faultsOfJob(path: readonly string[], job: JobSketch, environment: Sketch): Fault[] {
  return [
    ...sourceFaults(path, job, environment),
    ...variableFaults(path, job, environment),
    ...mountFaults(path, job, environment),
    ...secretFaults(path, job),
    ...userFaults(path, job),
  ];
}

function sourceFaults(path: readonly string[], { build, image, service }: JobSketch, { services }: Sketch): Fault[] {
  const set = Object.entries({ build, image, service }).filter(([, value]) => value !== undefined);
  if (set.length !== 1) {
    const got = set.length === 0 ? "none" : set.map(([name]) => name).join(" and ");
    return [fault(path, `must set one of build, image and service, got ${got}`)];
  }
  if (typeof service !== "string" || Object.hasOwn(services, service)) return [];
  const hint = choice(service, Object.keys(services));
  return [fault([...path, "service"], `must be a service of this environment, got ${shown(service)}${hint}`)];
}
