import * as pulumi from "@pulumi/pulumi";
import type * as spec from "./spec/index.ts";
import { choice } from "./spec/suggestion.ts";

/** Base images of the platform by name, each by digest. */
export type Bases = Readonly<Record<string, string>>;

/**
 * Puts base images in the place of their names.
 *
 * @throws {TypeError} when there is no such base image, which {@link refuseMissingBases} finds first.
 */
export function withBases(args: spec.BuildSource["args"], bases: Bases): Record<string, string> {
  return Object.fromEntries(
    Object.entries(args).map(([name, value]) => {
      if (typeof value === "string") return [name, value];
      const image = bases[value.name];
      if (image === undefined) throw new TypeError(`base image ${value.name} was not looked for`);
      return [name, image];
    }),
  );
}

/** @throws {pulumi.RunError} naming each build argument whose base image the platform does not have. */
export function refuseMissingBases({ services, jobs }: spec.Environment, bases: Bases): void {
  const programs = [
    ...Object.entries(services).map(([name, { source }]) => ({ path: `services.${name}`, source })),
    ...Object.entries(jobs).map(([name, { source }]) => ({ path: `jobs.${name}`, source })),
  ];
  const faults = programs.flatMap(({ path, source }) =>
    source.kind === "build" ? Object.entries(source.args).flatMap((arg) => faultOf(path, arg, bases) ?? []) : [],
  );
  if (faults.length > 0) throw new pulumi.RunError(faults.join("\n"));
}

function faultOf(
  path: string,
  [name, value]: [string, spec.BuildSource["args"][string]],
  bases: Bases,
): string | undefined {
  if (typeof value === "string" || Object.hasOwn(bases, value.name)) return undefined;
  const there = choice(value.name, Object.keys(bases));
  return (
    `${path}.build.args.${name}: must be a base image of the platform, got base("${value.name}")${there}; ` +
    "name it in bases of stacks/platform.ts and deploy the stack platform"
  );
}
