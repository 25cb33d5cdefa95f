import { baseFaults } from "./base-relations.ts";
import { databaseFaults } from "./database-relations.ts";
import type { Environment, EnvironmentInput } from "./environment.ts";
import { environmentShape } from "./environment-shape.ts";
import { type Fault, SpecificationError } from "./error.ts";
import { fileFaults } from "./files.ts";
import type { Platform, PlatformInput } from "./platform.ts";
import { platformShape, portSketch } from "./platform-shape.ts";
import { jobFaults } from "./job-relations.ts";
import { orderFaults } from "./order-relations.ts";
import { relationFaults } from "./relations.ts";
import { mapSorted, resolveBuild, resolveEnvironment } from "./resolve.ts";
import { faultsOf } from "./rules.ts";
import { sketchOf } from "./sketch.ts";
import { volumeFaults } from "./volume-shape.ts";

// Those that haproxy-config.ts binds: within the proxy's container an environment's port is the same as outside.
const PROXY_PORTS = [5000, 8080, 8404, 8443, 9997, 9998, 9999, 20_000, 20_255];

/**
 * Declares an environment: checks all of it and fills in every default. This is what a stack file exports.
 *
 * @param options.root directory that `build` and `package` are relative to. Pulumi starts a program in its project.
 * @throws {SpecificationError} when anything is wrong, with all faults at once.
 *
 * @example
 * export default defineEnvironment({
 *   domain: "dev.localhost",
 *   services: { web: { build: "web", port: 8080, routes: ["www"], health: { path: "/" } } },
 * });
 */
export function defineEnvironment(input: EnvironmentInput, options: { root?: string } = {}): Environment {
  const root = options.root ?? process.cwd();
  const shape = environmentShape.safeParse(input);
  const sketch = sketchOf(input);
  const faults = [
    ...relationFaults(sketch),
    ...jobFaults(sketch),
    ...orderFaults(sketch),
    ...databaseFaults(sketch),
    ...volumeFaults(sketch.volumes),
    ...fileFaults(sketch, root),
  ];
  if (!shape.success) throw new SpecificationError([...faultsOf(shape.error), ...faults]);
  if (faults.length > 0) throw new SpecificationError(faults);
  return resolveEnvironment(shape.data, root);
}

/**
 * Declares what the environments of one host share. This is what `stacks/platform.ts` exports.
 *
 * @param options.root directory that `bases` are relative to. Pulumi starts a program in its project.
 * @throws {SpecificationError} when anything is wrong, with all faults at once.
 *
 * @example
 * export default definePlatform({ domain: "localhost" });
 */
export function definePlatform(input: PlatformInput, options: { root?: string } = {}): Platform {
  const root = options.root ?? process.cwd();
  const shape = platformShape.safeParse(input);
  const faults = [...portFaults(input), ...baseFaults(input, root)];
  if (!shape.success) throw new SpecificationError([...faultsOf(shape.error), ...faults]);
  if (faults.length > 0) throw new SpecificationError(faults);
  const { target, acme, registry, bases, ...settings } = shape.data;
  const { port, host, s3, keep } = registry;
  return {
    kind: "platform",
    target: { kind: "docker", host: target.host },
    acme,
    registry: { port, host, s3, keep },
    ...settings,
    bases: mapSorted(bases, (build) => resolveBuild(build, root)),
  };
}

function portFaults(input: unknown): Fault[] {
  const { ports, registry } = portSketch.parse(input);
  const all = [
    { path: "ports.http", port: ports.http },
    { path: "ports.https", port: ports.https },
    { path: "ports.status", port: ports.status },
    { path: "registry.port", port: registry.port },
  ];
  const { environments: range } = ports;
  const others = [...all, ...PROXY_PORTS.map((port) => ({ path: "the proxy itself", port }))];
  const within = range ? others.filter(({ port }) => port >= range.first && port <= range.last) : [];
  const overlaps = within.map(({ path, port }) => ({
    path: "ports.environments",
    message: `must be ports of their own, got ${port}, as has ${path}`,
  }));
  const doubles = all.flatMap(({ path, port }, index) => {
    const other = all.slice(0, index).find((earlier) => earlier.port === port);
    return other === undefined
      ? []
      : [{ path, message: `must be a port of its own, got ${port}, as has ${other.path}` }];
  });
  return [...doubles, ...overlaps];
}
