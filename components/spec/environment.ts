import { environmentShape } from "./environment-shape.ts";
import { SpecificationError } from "./error.ts";
import { fileFaults } from "./files.ts";
import { relationFaults } from "./relations.ts";
import { resolveEnvironment } from "./resolve.ts";
import { faultsOf } from "./rules.ts";
import type { ServiceInput } from "./service-input.ts";
import type { Service } from "./service.ts";
import { sketchOf } from "./sketch.ts";
import type { Target, TargetInput } from "./target.ts";
import type { Volume, VolumeInput } from "./volume.ts";

/** An environment, as a stack file writes it. */
export interface EnvironmentInput {
  /** Where it runs. A change replaces everything. @default { kind: "docker" } */
  target?: TargetInput;
  /** DNS name that the routes' short hosts stand under, such as `dev.localhost`. A change replaces nothing. */
  domain: string;
  /** Cuts the environment's network off from the outside; the proxy still reaches it. A change replaces the network. @default false */
  sealed?: boolean;
  /** Long-running programs by name: a DNS label of at most 24 characters. A change of name replaces the containers. */
  services: Readonly<Record<string, ServiceInput>>;
  /** Storage by name: a DNS label of at most 24 characters. A change of name is another volume. @default {} */
  volumes?: Readonly<Record<string, VolumeInput>>;
}

/** A checked environment with every default filled in. Its name is the stack's. */
export interface Environment {
  readonly kind: "environment";
  readonly target: Target;
  readonly domain: string;
  readonly sealed: boolean;
  /** By name, names sorted. */
  readonly services: Readonly<Record<string, Service>>;
  /** By name, names sorted. */
  readonly volumes: Readonly<Record<string, Volume>>;
}

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
  const faults = [...relationFaults(sketch), ...fileFaults(sketch, root)];
  if (!shape.success) throw new SpecificationError([...faultsOf(shape.error), ...faults]);
  if (faults.length > 0) throw new SpecificationError(faults);
  return resolveEnvironment(shape.data, root);
}
