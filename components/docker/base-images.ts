import * as pulumi from "@pulumi/pulumi";
import type { Origin } from "../origin.ts";
import type * as spec from "../spec/index.ts";
import { Image } from "./image.ts";
import type { Owner } from "./labels.ts";
import type { RegistryAccess } from "./registry.ts";

/** Inputs of {@link BaseImages}. */
export interface BaseImagesArgs {
  /** Whose images they are. */
  owner: Owner;
  /** What each is built from, by name. */
  sources: Readonly<Record<string, spec.BuildSource>>;
  /** Takes the images. */
  registry: RegistryAccess;
  /** Who builds where, for the record. */
  origin?: Origin | undefined;
}

/** Images of each that stay on the engine: the one that others start from, and the one before. */
const KEEP_IMAGES = 2;

/**
 * Images that others start from, built when their content changes and not with every application.
 *
 * Creates `${name}-<name of the image>` for each.
 */
export class BaseImages extends pulumi.ComponentResource {
  /** By name, each by digest. */
  readonly digests: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: BaseImagesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:docker:BaseImages", name, {}, opts);

    const { owner, sources, registry, origin } = args;
    const digests = Object.entries(sources).map(([key, source]) => {
      const image = { owner, service: `base-${key}`, source, registry, origin, keepReleases: KEEP_IMAGES };
      return [key, new Image(`${name}-${key}`, { ...image, pinned: undefined }, { parent: this }).digest] as const;
    });

    this.digests = pulumi.output(Object.fromEntries(digests));
    this.registerOutputs({ digests: this.digests });
  }
}
