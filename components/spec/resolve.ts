import { resolve as absolute } from "node:path";
import type { z } from "zod";
import { backupOf } from "./backup-shape.ts";
import { certificateOf } from "./certificate-shape.ts";
import type { Database, DatabaseAccess } from "./database.ts";
import type { DatabaseRights } from "./database-input.ts";
import { databaseEngine, databasePlace } from "./database-shape.ts";
import type { Clone, Seed } from "./data.ts";
import type { Environment } from "./environment.ts";
import type { environmentShape } from "./environment-shape.ts";
import type { Job } from "./job.ts";
import type { ResolvedLink } from "./link.ts";
import { mountOf } from "./mount-shape.ts";
import { parseRoute } from "./routes.ts";
import { generated } from "./secret.ts";
import type { BuildSource, Health, Route, Service } from "./service.ts";
import { resolveVolume } from "./volume-shape.ts";

const STEADY_SECONDS = 3;
const JOB_TIMEOUT_SECONDS = 3600;
/** Somebody waits for it. */
const PREPARATION_TIMEOUT_SECONDS = 600;

type Shaped = z.output<typeof environmentShape>;
type ShapedService = Shaped["services"][string];
type ShapedJob = Shaped["jobs"][string];

/** Turns a checked shape into what components read: paths absolute, routes whole, links with their port, names sorted. */
export function resolveEnvironment(shaped: Shaped, root: string): Environment {
  return {
    kind: "environment",
    target: { kind: "docker", host: shaped.target.host },
    domain: shaped.domain,
    port: shaped.port,
    sealed: shaped.sealed,
    keepData: shaped.keepData,
    keepReleases: shaped.keepReleases,
    certificate: certificateOf(shaped.certificate),
    services: mapSorted(shaped.services, (service, name) => resolveService(name, service, shaped, root)),
    jobs: mapSorted(shaped.jobs, (job, name) => resolveJob(name, job, shaped, root)),
    databases: mapSorted(shaped.databases, (database, name) => resolveDatabase(name, database, shaped, root)),
    volumes: mapSorted(shaped.volumes, (volume) => resolveVolume(volume, root)),
  };
}

function resolveService(name: string, service: ShapedService, shaped: Shaped, root: string): Service {
  const { routes, env, mounts, health, relax, replicas, memoryMb, cpus, pidsLimit } = service;
  const resolvedRoutes = routes.map((route) => resolveRoute(route, shaped));
  return {
    source: resolveSource(service, root),
    port: service.port,
    routes: resolvedRoutes,
    replicas,
    sticky: service.sticky,
    rolling: service.exclusive ? 1 : service.rolling,
    exclusive: service.exclusive,
    env: resolveVariables(env, shaped.services),
    secrets: mapSorted(service.secrets, (secret) => secret),
    database: resolveAccess(name, service.database, "write"),
    mounts: resolveMounts(mounts),
    health: health && resolveHealth(health, resolvedRoutes),
    steadySeconds: health ? undefined : (service.steadySeconds ?? STEADY_SECONDS),
    memoryMb,
    cpus,
    pidsLimit,
    user: service.user,
    before: [...new Set(service.before)],
    waitsFor: [...new Set(service.waitsFor)],
    drainSeconds: service.drainSeconds,
    gateSeconds: service.gateSeconds,
    stopSeconds: service.stopSeconds,
    relax: resolveRelax(relax),
  };
}

function resolveHealth(
  { path, command, host, ...rhythm }: NonNullable<ShapedService["health"]>,
  routes: readonly Route[],
): Health {
  if (command) return { kind: "command", command, ...rhythm };
  return { kind: "http", path: checked(path), host: host ?? routes[0]?.host, ...rhythm };
}

function resolveRoute(route: ShapedService["routes"][number], { domain, port, access }: Shaped): Route {
  const { maxBodyMb } = route;
  const allow = route.public ? undefined : (route.allow ?? access?.allow);
  const users = route.public ? undefined : (route.users ?? access?.users);
  return { ...parseRoute(route.at, domain), port, maxBodyMb, allow, users: users && mapSorted(users, (it) => it) };
}

function resolveJob(name: string, job: ShapedJob, { services }: Shaped, root: string): Job {
  const { command, schedule, timeZone, catchUp, memoryMb, cpus, pidsLimit, user } = job;
  const usual = schedule === undefined ? PREPARATION_TIMEOUT_SECONDS : JOB_TIMEOUT_SECONDS;
  return {
    source: job.service === undefined ? resolveSource(job, root) : { kind: "service", service: job.service },
    command,
    schedule,
    timeZone,
    timeoutSeconds: job.timeoutSeconds ?? usual,
    catchUp,
    env: resolveVariables(job.env, services),
    secrets: mapSorted(job.secrets, (secret) => secret),
    database: resolveAccess(name, job.database, "owner"),
    mounts: resolveMounts(job.mounts),
    memoryMb,
    cpus,
    pidsLimit,
    user,
    waitsFor: [...new Set(job.waitsFor)],
    relax: resolveRelax(job.relax),
  };
}

function resolveDatabase(
  name: string,
  database: Shaped["databases"][string],
  { services, jobs }: Shaped,
  root: string,
): Database {
  const named = [...Object.values(services), ...Object.values(jobs)].flatMap(({ database: access }) => {
    const place = access && databasePlace(access.at);
    return place?.server === name ? [place.database] : [];
  });
  return {
    ...database,
    engine: databaseEngine(database.engine),
    version: database.version,
    backup: database.backup && backupOf(database.backup),
    data: database.data && resolveData(database.data, root),
    settings: mapSorted(database.settings, (value) => value),
    databases: [...new Set([name, ...named])].sort(),
  };
}

function resolveAccess(
  program: string,
  access: ShapedService["database"],
  usual: DatabaseRights,
): DatabaseAccess | undefined {
  if (access === undefined) return undefined;
  const place = databasePlace(access.at);
  // No name of the user's has a dot, so that the password is nobody else's.
  return { ...place, rights: access.rights ?? usual, password: generated(`${place.server}.${program}`) };
}

function resolveVariables(env: ShapedService["env"], services: Shaped["services"]): Service["env"] {
  return mapSorted(env, (value) =>
    typeof value === "string" || value.kind === "secret" ? value : resolveLink(value.service, services),
  );
}

function resolveMounts(mounts: ShapedService["mounts"]): Service["mounts"] {
  return Object.entries(mapSorted(mounts, (mount) => mount)).map(([name, mount]) => mountOf(name, mount));
}

function resolveRelax(relax: ShapedService["relax"]): Service["relax"] {
  const { capabilities, hostDirectories } = relax;
  return {
    ...relax,
    capabilities: [...new Set(capabilities)].sort(),
    hostDirectories: [...new Set(hostDirectories)].sort(),
  };
}

function resolveSource({ build, image }: Pick<ShapedService, "build" | "image">, root: string): Service["source"] {
  if (typeof image === "object") return image;
  if (build === undefined) return { kind: "image", reference: checked(image) };
  return resolveBuild(build, root);
}

function resolveData(data: Seed | Clone, root: string): Seed | Clone {
  if (data.kind === "seed") return { ...data, file: absolute(root, data.file) };
  return { ...data, sanitize: data.sanitize === undefined ? undefined : absolute(root, data.sanitize) };
}

/** Makes the paths of a build absolute. */
export function resolveBuild(build: NonNullable<ShapedService["build"]>, root: string): BuildSource {
  const context = absolute(root, build.context);
  return {
    kind: "build",
    context,
    dockerfile: absolute(context, build.dockerfile),
    target: build.target,
    args: mapSorted(build.args, (value) => value),
    secrets: mapSorted(build.secrets, (secret) => secret),
    platform: build.platform,
    cache: build.cache,
  };
}

function resolveLink(service: string, services: Shaped["services"]): ResolvedLink {
  return { kind: "link", service, port: checked(services[service]?.port) };
}

/** What the relations have made sure of, but the type of the shape cannot tell. */
function checked<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError("resolved before the relations were checked");
  return value;
}

/** Maps the values of a record, its keys sorted. */
export function mapSorted<From, To>(
  record: Readonly<Record<string, From>>,
  map: (value: From, key: string) => To,
): Record<string, To> {
  const entries = Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, value]) => [key, map(value, key)]));
}
