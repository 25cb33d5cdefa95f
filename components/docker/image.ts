import * as pulumi from "@pulumi/pulumi";
import { relative } from "node:path";
import { withBases } from "../bases.ts";
import type { Bases } from "../bases.ts";
import type { Origin } from "../origin.ts";
import type { Reveal } from "../secrets.ts";
import type * as spec from "../spec/index.ts";
import type { Owner } from "./labels.ts";
import { pullImage, versionOf } from "./pulled-image.ts";
import type { RegistryAccess } from "./registry.ts";
import { ImageBuild } from "./slipway-resources.ts";

/** Inputs of {@link Image}. */
export interface ImageArgs {
  /** Whose image it is. */
  owner: Owner;
  /** Service that runs it, the last word of the repository's name. */
  service: string;
  /** What it is built from. Build arguments stay readable in the image. */
  source: spec.BuildSource;
  /** Images of the service that stay on the engine, the current one included. */
  keepReleases: number;
  /** An earlier image that runs instead, `name@sha256:…`; nothing is built anew then. */
  pinned: string | undefined;
  /** Base images of the platform by name, which build arguments may stand for. @default {} */
  bases?: Bases;
  /** Tells the values of build secrets. */
  reveal?: Reveal;
  /** Registry that the image is pushed to and pulled from. */
  registry: RegistryAccess;
  /** Who builds where, for the record; a change is none. */
  origin?: Origin | undefined;
}

const BUILD_INPUTS = [
  ...["args", "cache", "context", "contextDigest", "dockerfile", "origin"],
  ...["platform", "registry", "repository", "secrets", "target"],
];

/**
 * An image built from a context, pushed to the private registry and pulled from it by digest. The content of the
 * context, the build arguments and the base image's name decide whether anything is built.
 *
 * Creates `${name}-build`, `${name}-pull` and `${name}-local`.
 */
export class Image extends pulumi.ComponentResource {
  /** What runs: `<registry>/<repository>@sha256:<digest>`. */
  readonly digest: pulumi.Output<string>;
  /** The content's own name for people: the first 12 digits of the digest. */
  readonly version: pulumi.Output<string>;

  constructor(name: string, args: ImageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:docker:Image", name, {}, opts);

    const repository = pulumi.interpolate`${args.registry.address}/${args.owner.namespace}/${args.owner.environment}/${args.service}`;
    const { address, username, password } = args.registry;
    const build = new ImageBuild(
      `${name}-build`,
      {
        repository,
        // From the project's root, where Pulumi starts its plugins: another checkout is no change.
        context: relative(process.cwd(), args.source.context),
        dockerfile: relative(process.cwd(), args.source.dockerfile),
        target: args.source.target,
        args: withBases(args.source.args, args.bases ?? {}),
        platform: args.source.platform,
        cache: args.source.cache,
        secrets: secretsOf(args),
        registry: { server: address, username, password },
        origin: args.origin && { by: args.origin.by, where: args.origin.where, branch: args.origin.branch },
      },
      // What was built last stays on record, so that nothing is built again when the pin is taken out.
      { parent: this, ...(args.pinned !== undefined && { ignoreChanges: BUILD_INPUTS }) },
    );
    const { owner, keepReleases, pinned } = args;
    const image = pinned ?? build.image;
    this.digest = pullImage(name, { owner, repository, image, keepReleases }, { parent: this });
    this.version = this.digest.apply(versionOf);
    this.registerOutputs({ digest: this.digest, version: this.version });
  }
}

function secretsOf({ source, reveal }: ImageArgs): Record<string, pulumi.Input<string>> {
  return Object.fromEntries(
    Object.entries(source.secrets).map(([id, secret]) => {
      if (reveal === undefined) throw new TypeError(`secret ${secret.name} is used where nobody can tell it`);
      return [id, reveal(secret)];
    }),
  );
}
