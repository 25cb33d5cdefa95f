import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { labelsFor } from "./labels.ts";
import type { Owner } from "./labels.ts";

/** Inputs of {@link Volume}. */
export interface VolumeArgs {
  /** Whose volume it is. A change makes another volume and leaves this one where it is. */
  owner: Owner;
  /** Name within the environment. A change makes another volume and leaves this one where it is. */
  volume: string;
  /** False deletes the volume with the stack: for what can be made again. @default true */
  retained?: boolean;
}

/**
 * Storage that outlives containers. `pulumi destroy` leaves it on the engine, and the next `up` finds it again, since
 * its name is always `<namespace>-<environment>-<volume>`.
 *
 * Creates `${name}-volume`.
 */
export class Volume extends pulumi.ComponentResource {
  /** Name on the engine. */
  readonly volumeName: pulumi.Output<string>;

  constructor(name: string, args: VolumeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:docker:Volume", name, {}, opts);

    const volume = new docker.Volume(
      `${name}-volume`,
      {
        name: volumeNameOf(args.owner, args.volume),
        labels: labelsFor(args.owner),
      },
      { parent: this, retainOnDelete: args.retained ?? true },
    );

    this.volumeName = volume.name;
    this.registerOutputs({ volumeName: this.volumeName });
  }
}

/** What a volume is called on the engine. */
export function volumeNameOf({ namespace, environment }: Owner, volume: string): string {
  return `${namespace}-${environment}-${volume}`;
}
