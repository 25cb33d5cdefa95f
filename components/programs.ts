import type * as pulumi from "@pulumi/pulumi";
import { dataUsedBy, usedBy } from "./databases.ts";
import type { Database } from "./docker/database/database.ts";
import { Job } from "./docker/job.ts";
import { Preparation } from "./docker/preparation.ts";
import type { ProgramArgs } from "./docker/program.ts";
import { routeRules } from "./docker/route-rules.ts";
import { Service } from "./docker/service.ts";
import { imageOf } from "./images.ts";
import type { ImageOrigin, RunImage } from "./images.ts";
import { inOrder, needsOf } from "./spec/order.ts";
import type * as spec from "./spec/index.ts";

/** Inputs of {@link createPrograms}. */
export interface ProgramsArgs {
  spec: Pick<spec.Environment, "services" | "jobs" | "keepReleases">;
  /** What every program runs with. */
  common: Omit<ProgramArgs, "spec"> & { network: pulumi.Input<string> };
  /** Services that stay on an earlier image, by service: `name@sha256:…`. */
  pins: Readonly<Record<string, string>>;
  /** Where images come from. */
  origin: ImageOrigin;
  /** Database servers by name, each there before the programs that use it. */
  servers: Readonly<Record<string, Database>>;
  /** What has to be there before any service is released. */
  serviceNeeds: readonly pulumi.Resource[];
}

/** What is made, by the name in the specification. */
interface Made {
  images: Record<string, RunImage>;
  services: Record<string, Service>;
  jobs: Record<string, Job | Preparation>;
}

/**
 * Makes an environment's services and jobs, each after what it waits for.
 *
 * Creates `${name}-<service or job>` and their images.
 *
 * @returns the services by name, names sorted.
 */
export function createPrograms(
  name: string,
  args: ProgramsArgs,
  opts: pulumi.ComponentResourceOptions,
): Record<string, Service> {
  const { services, jobs } = args.spec;
  const made: Made = { images: imagesOf(name, args, opts), services: {}, jobs: {} };
  const needs = needsOf(args.spec);
  for (const key of inOrder(needs)) {
    const [service, job] = [services[key], jobs[key]];
    const programs = (needs[key] ?? []).flatMap((need) => made.services[need] ?? made.jobs[need] ?? []);
    const needed = [...programs, ...usedBy(service ?? job, args.servers)];
    if (service) made.services[key] = createService(name, key, service, args, made, { ...opts, dependsOn: needed });
    if (job) made.jobs[key] = createJob(name, key, job, args, made, { ...opts, dependsOn: needed });
  }
  return Object.fromEntries(Object.entries(made.services).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function imagesOf(name: string, args: ProgramsArgs, opts: pulumi.ComponentResourceOptions): Made["images"] {
  const { services, jobs } = args.spec;
  const { owner } = args.common;
  return Object.fromEntries(
    Object.entries({ ...services, ...jobs }).flatMap(([key, { source }]) => {
      if (source.kind === "service") return [];
      const use = { owner, key, keepReleases: args.spec.keepReleases, pinned: args.pins[key] };
      return [[key, imageOf(`${name}-${key}`, use, source, args.origin, opts)]];
    }),
  );
}

function createService(
  name: string,
  key: string,
  service: spec.Service,
  { spec: { keepReleases }, common, serviceNeeds }: ProgramsArgs,
  { images }: Made,
  opts: { parent?: pulumi.Resource; dependsOn: pulumi.Resource[] },
): Service {
  const rules = routeRules(service.routes, common.secrets);
  return new Service(
    `${name}-${key}`,
    { ...common, service: key, spec: service, ...known(images[key]), keepReleases, rules },
    { ...opts, dependsOn: [...serviceNeeds, ...opts.dependsOn] },
  );
}

function createJob(
  name: string,
  key: string,
  job: spec.Job,
  { common, pins, servers }: ProgramsArgs,
  { images, services }: Made,
  opts: pulumi.ComponentResourceOptions,
): Job | Preparation {
  const { schedule, source } = job;
  const of = source.kind === "service" ? source.service : key;
  if (schedule === undefined) {
    const own = { isPinned: pins[of] !== undefined, data: dataUsedBy(job, servers) };
    const args = { ...common, job: key, spec: job, ...known(images[of]), ...own };
    return new Preparation(`${name}-${key}`, args, opts);
  }
  // What the release of the service gives, so that no job runs a version whose release has failed.
  const { image, version } = source.kind === "service" ? known(services[of]) : known(images[of]);
  return new Job(`${name}-${key}`, { ...common, job: key, spec: { ...job, schedule }, image, version }, opts);
}

/** What the order has made sure of, but the type of a record cannot tell. */
function known<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError("made before what it needs");
  return value;
}
