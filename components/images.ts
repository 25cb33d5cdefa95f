import type * as pulumi from "@pulumi/pulumi";
import { Image } from "./docker/image.ts";
import type { Owner } from "./docker/labels.ts";
import { PulledImage, versionOf } from "./docker/pulled-image.ts";
import type { Origin } from "./origin.ts";
import type { PlatformAccess } from "./platform-access.ts";
import type { PromotedRelease, Promotions } from "./promotion.ts";
import type { Reveal } from "./secrets.ts";
import type * as spec from "./spec/index.ts";

/** What containers run. */
export interface RunImage {
  /** By digest. */
  image: pulumi.Input<string>;
  version: pulumi.Input<string>;
  /** Commit that it is deployed from; undefined outside of a git repository. */
  commit: pulumi.Input<string | undefined>;
}

/** Whose image is meant. */
export interface ImageUse {
  owner: Owner;
  /** Service or job that runs it. */
  key: string;
  /** Images that stay on the engine. */
  keepReleases: number;
  /** An earlier image that runs instead, by digest. */
  pinned: string | undefined;
}

/** What images of an environment come from. */
export interface ImageOrigin {
  platform: Pick<PlatformAccess, "registry" | "bases">;
  /** Tells the values of build secrets. */
  reveal: Reveal;
  /** Commit that is deployed; undefined outside of a git repository. */
  commit?: pulumi.Input<string | undefined>;
  /** Who builds where, for the record. */
  origin?: Origin | undefined;
  /** What other stacks run, as far as images are taken from them. @default {} */
  promotions?: Promotions;
}

/**
 * The image that a service or a job runs: built, taken from another stack, or made elsewhere.
 *
 * Creates `${name}-image`, except for an image that is made elsewhere.
 */
export function imageOf(
  name: string,
  { owner, key, keepReleases, pinned }: ImageUse,
  source: spec.BuildSource | spec.ImageSource | spec.StackImage,
  { platform, commit, origin, reveal, promotions = {} }: ImageOrigin,
  opts: pulumi.ComponentResourceOptions,
): RunImage {
  switch (source.kind) {
    case "image": {
      const image = pinned ?? source.reference;
      return { image, version: versionOf(image), commit };
    }
    case "stack": {
      const promoted = pinned === undefined ? promotedBy(promotions, source) : { image: pinned, commit: undefined };
      const { image } = promoted;
      const repository = image.replace(/@.*$/, "");
      const { digest, version } = new PulledImage(`${name}-image`, { owner, repository, image, keepReleases }, opts);
      return { image: digest, version, commit: promoted.commit };
    }
    case "build": {
      const { registry, bases = {} } = platform;
      const args = { owner, service: key, source, keepReleases, pinned, registry, bases, reveal, origin };
      const { digest, version } = new Image(`${name}-image`, args, opts);
      return { image: digest, version, commit };
    }
  }
}

function promotedBy(promotions: Promotions, { stack, service }: spec.StackImage): PromotedRelease {
  const found = promotions[stack]?.[service];
  if (!found) throw new TypeError("an image of another stack was not looked for");
  return found;
}
