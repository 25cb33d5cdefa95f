import type * as pulumi from "@pulumi/pulumi";
import { relative } from "node:path";
import type { Owner } from "./docker/labels.ts";
import type { ProgramVolume } from "./docker/program.ts";
import { DataPackage, SharedVolume, VolumeOwner } from "./docker/slipway-resources.ts";
import { Volume } from "./docker/volume.ts";
import type { Shares } from "./shares.ts";
import type * as spec from "./spec/index.ts";

/** Inputs of {@link createVolumes}. */
export interface VolumesArgs {
  owner: Owner;
  spec: Pick<spec.Environment, "volumes" | "keepData">;
  /** Volumes of other stacks by the name that they have here. */
  shares: Shares;
  /** Versions that data packages stay on, by volume. */
  packages: Readonly<Record<string, string>>;
  /** Image with a shell and the usual file commands. */
  helperImage: string;
}

/**
 * The volumes of an environment, by name.
 *
 * Creates for each `${name}-<its name>`, but for one that is another stack's; with it `…-package` for a data package, `…-owner`
 * for one with an owner or a mode, and `…-share` for one that is another stack's.
 */
export function createVolumes(
  name: string,
  args: VolumesArgs,
  opts: pulumi.CustomResourceOptions,
): Record<string, ProgramVolume> {
  const entries = Object.entries(args.spec.volumes);
  return Object.fromEntries(entries.map(([key, volume]) => [key, createVolume(name, key, volume, args, opts)]));
}

function createVolume(
  name: string,
  key: string,
  volume: spec.Volume,
  { owner, spec: { keepData }, shares, packages, helperImage }: VolumesArgs,
  opts: pulumi.CustomResourceOptions,
): ProgramVolume {
  const { namespace } = owner;
  if (volume.kind === "shared") {
    const shared = new SharedVolume(
      `${name}-${key}-share`,
      { volume: sharedName(shares, key), from: volume.stack },
      opts,
    );
    return { volumeName: shared.volume, readOnly: volume.readOnly };
  }
  const { volumeName } = new Volume(`${name}-${key}`, { owner, volume: key, retained: keepData }, opts);
  if (volume.kind === "package") {
    const directory = relative(process.cwd(), volume.directory);
    const args = { namespace, volume: volumeName, directory, pinned: packages[key], helperImage };
    return { volumeName: new DataPackage(`${name}-${key}-package`, args, opts).volume, readOnly: true };
  }
  if (volume.owner === undefined && volume.mode === undefined) return { volumeName, readOnly: false };
  const owned = { namespace, volume: volumeName, owner: volume.owner, mode: volume.mode, helperImage };
  // The engine would give it the owner of the image's directory instead.
  return { volumeName: new VolumeOwner(`${name}-${key}-owner`, owned, opts).volume, readOnly: false, keepsOwner: true };
}

function sharedName(shares: Shares, key: string): string {
  const found = shares[key];
  if (found === undefined) throw new TypeError(`the shared volume ${key} was not looked for`);
  return found;
}
