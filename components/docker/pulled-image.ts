import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Owner } from "./labels.ts";
import { LocalImages } from "./slipway-resources.ts";

/** Inputs of {@link PulledImage}. */
export interface PulledImageArgs {
  /** Whose image it is. */
  owner: Owner;
  /** Repository of the image, with its registry. A change replaces the record of what is on the engine. */
  repository: pulumi.Input<string>;
  /** Image by digest. A change pulls it. */
  image: pulumi.Input<string>;
  /** Images of the repository that stay on the engine, the current one included. */
  keepReleases: number;
}

/**
 * An image that is in a registry already, pulled by digest: nothing is built.
 *
 * Creates `${name}-pull` and `${name}-local`.
 */
export class PulledImage extends pulumi.ComponentResource {
  /** What runs, by digest. */
  readonly digest: pulumi.Output<string>;
  /** The content's own name for people: the first 12 digits of the digest. */
  readonly version: pulumi.Output<string>;

  constructor(name: string, args: PulledImageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:docker:PulledImage", name, {}, opts);

    this.digest = pullImage(name, args, { parent: this });
    this.version = this.digest.apply(versionOf);
    this.registerOutputs({ digest: this.digest, version: this.version });
  }
}

/** Pulls an image and bounds how many of its repository stay on the engine. Creates `${name}-pull` and `${name}-local`. */
export function pullImage(
  name: string,
  { owner, repository, image, keepReleases }: PulledImageArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  // What is local belongs to `${name}-local`: another environment may run the same content.
  const pulled = new docker.RemoteImage(`${name}-pull`, { name: image, keepLocally: true }, opts);
  const local = new LocalImages(
    `${name}-local`,
    { namespace: owner.namespace, repository, current: pulled.name, keep: keepReleases },
    opts,
  );
  // Containers depend on it, so that a destroy removes them first: an image in use stays on the engine.
  return local.current;
}

/** The first 12 digits of the digest in an image reference, which name its content to people. */
export function versionOf(image: string): string {
  return image.slice(image.lastIndexOf(":") + 1).slice(0, 12);
}
