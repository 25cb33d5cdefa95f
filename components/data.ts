import * as pulumi from "@pulumi/pulumi";
import { nodesOf } from "./docker/database/database.ts";
import type { Owner } from "./docker/labels.ts";
import { volumeNameOf } from "./docker/volume.ts";
import type * as spec from "./spec/index.ts";

/** Data that nobody can make again: the volumes on the engine, and who uses them. */
export interface HeldData {
  volumes: string[];
  usedBy: string[];
}

/** The volumes on the engine that are an environment's own, by name: what other stacks may share. */
export function ownVolumes({ volumes }: Pick<spec.Environment, "volumes">, owner: Owner): Record<string, string> {
  const own = Object.entries(volumes).filter(([, { kind }]) => kind !== "shared");
  return Object.fromEntries(own.map(([name]) => [name, volumeNameOf(owner, name)]));
}

/** What of an environment holds data, by its place in the stack file; a database by the servers that it has now. */
export function dataOf(
  { services, jobs, databases, volumes }: spec.Environment,
  owner: Owner,
  primaries: Readonly<Record<string, number>> = {},
): Record<string, HeldData> {
  const programs = [
    ...Object.entries(services).map(([name, program]) => ({ place: `services.${name}`, ...program })),
    ...Object.entries(jobs).map(([name, program]) => ({ place: `jobs.${name}`, ...program })),
  ];
  const servers = Object.entries(databases).map(([name, { replicas }]): [string, HeldData] => {
    const nodes = nodesOf(replicas, primaries[name] ?? 1).map((node) => volumeNameOf(owner, `${name}-${node}`));
    const usedBy = programs.filter(({ database }) => database?.server === name).map(({ place }) => place);
    return [`databases.${name}`, { volumes: nodes, usedBy }];
  });
  const held = Object.entries(volumes).filter(([, { kind }]) => kind === "data");
  const written = held.map(([name]): [string, HeldData] => {
    const usedBy = programs.flatMap(({ place, mounts }) =>
      mounts.flatMap((it) => (it.kind === "volume" && it.volume === name ? [`${place} at ${it.path}`] : [])),
    );
    return [`volumes.${name}`, { volumes: [volumeNameOf(owner, name)], usedBy }];
  });
  return Object.fromEntries([...servers, ...written]);
}

/**
 * What is declared cannot be given up as well: it would go unguarded when it is taken out one day.
 *
 * @throws {pulumi.RunError} naming each such place.
 */
export function refuseAbandonedYetDeclared(abandoned: readonly string[], data: Record<string, HeldData>): void {
  const both = abandoned.filter((place) => Object.hasOwn(data, place));
  if (both.length === 0) return;
  throw new pulumi.RunError(
    `slipway:abandon: ${both.join(", ")}: must not be declared; take it out of the stack file to give its data up, or out of the ` +
      "setting to keep it",
  );
}
