import * as pulumi from "@pulumi/pulumi";
import type { AcmeCertificateInputs } from "../../provider/acme-certificate.ts";
import type { AttachmentInputs } from "../../provider/attachment.ts";
import type { CertificateInputs } from "../../provider/certificate.ts";
import type { DataPackageInputs } from "../../provider/data-package.ts";
import type { DatabaseInputs } from "../../provider/database.ts";
import type { DataVolumesInputs } from "../../provider/data-volumes.ts";
import type { DatabaseContentInputs } from "../../provider/database-content.ts";
import type { DatabaseGuardInputs } from "../../provider/database-guard.ts";
import type { EnginePlaceInputs } from "../../provider/engine-place.ts";
import type { EngineTrustInputs } from "../../provider/engine-trust.ts";
import type { ImageBuildInputs } from "../../provider/image-build.ts";
import type { ImageTagsInputs } from "../../provider/image-tags.ts";
import type { IssuedCertificateInputs } from "../../provider/issued-certificate.ts";
import type { JobReleaseInputs } from "../../provider/job-release.ts";
import type { JobRunInputs } from "../../provider/job-run.ts";
import type { LocalImagesInputs } from "../../provider/local-images.ts";
import type { ProcessLimitInputs } from "../../provider/process-limit.ts";
import type { ProxyConfigurationInputs } from "../../provider/proxy-configuration.ts";
import type { ProxyNetworksInputs } from "../../provider/proxy-networks.ts";
import type { ReleaseInputs } from "../../provider/release.ts";
import type { SecretFilesInputs } from "../../provider/secret-files.ts";
import type { SharedVolumeInputs } from "../../provider/shared-volume.ts";
import type { VolumeOwnerInputs } from "../../provider/volume-owner.ts";

// The resource types of our own plugin, as a program registers them. What each does is said in provider/.

type Inputs<T> = { [Key in keyof T]: DeepInput<T[Key]> };

/** What may be known only later, as a whole or in part. */
export type DeepInput<T> = pulumi.Input<
  T extends (infer Item)[] ? DeepInput<Item>[] : T extends object ? { [Key in keyof T]: DeepInput<T[Key]> } : T
>;

/** The plugin `slipway` on one engine. */
export class SlipwayProvider extends pulumi.ProviderResource {
  constructor(name: string, args: { host?: string }, opts?: pulumi.ResourceOptions) {
    super("slipway", name, args, opts);
  }
}

/** One version of one service taking over: gate, switch, drain. */
export class Release extends pulumi.CustomResource {
  /** Image that serves, by digest. */
  declare readonly image: pulumi.Output<string>;
  /** Version that serves. */
  declare readonly version: pulumi.Output<string>;
  /** Commit that the image was deployed from first; undefined outside of a git repository. */
  declare readonly commit: pulumi.Output<string | undefined>;
  /** When it took over, in ISO 8601. */
  declare readonly releasedAt: pulumi.Output<string>;

  constructor(name: string, args: Inputs<ReleaseInputs>, opts?: pulumi.CustomResourceOptions) {
    super("slipway:index:Release", name, { ...args, releasedAt: undefined }, opts);
  }
}

/** One version of one job taking over: its container is started from now on, and a run of the old one ends first. */
export class JobRelease extends pulumi.CustomResource {
  constructor(name: string, args: Inputs<JobReleaseInputs>, opts?: pulumi.CustomResourceOptions) {
    super("slipway:index:JobRelease", name, args, opts);
  }
}

/** A job that has run to its end before what depends on it. */
export class JobRun extends pulumi.CustomResource {
  constructor(name: string, args: Inputs<JobRunInputs>, opts?: pulumi.CustomResourceOptions) {
    super("slipway:index:JobRun", name, args, opts);
  }
}

/** The proxy's place on one network. */
export class Attachment extends pulumi.CustomResource {
  constructor(name: string, args: Inputs<AttachmentInputs>, opts?: pulumi.CustomResourceOptions) {
    super("slipway:index:Attachment", name, args, opts);
  }
}

/** The places of a new proxy container on every network that waits for one. */
export class ProxyNetworks extends pulumi.CustomResource {
  constructor(name: string, args: Inputs<ProxyNetworksInputs>, opts?: pulumi.CustomResourceOptions) {
    super("slipway:index:ProxyNetworks", name, args, opts);
  }
}

/** The proxy's base configuration and default certificate, in its volume before its container starts. */
export class ProxyConfiguration extends pulumi.CustomResource {
  /** The volume, once everything is in it. */
  declare readonly volume: pulumi.Output<string>;

  constructor(name: string, args: Inputs<ProxyConfigurationInputs>, opts?: pulumi.CustomResourceOptions) {
    super("slipway:index:ProxyConfiguration", name, args, opts);
  }
}

/** A server certificate and its key, signed by a private authority and renewed by the first `up` in its last 30 days. */
export class IssuedCertificate extends pulumi.CustomResource {
  /** Certificate, then authority, then key, as HAProxy reads them. Secret. */
  declare readonly pem: pulumi.Output<string>;

  constructor(name: string, args: Inputs<IssuedCertificateInputs>, opts?: pulumi.CustomResourceOptions) {
    const secret = pulumi.mergeOptions(opts, { additionalSecretOutputs: ["pem"] });
    super("slipway:index:IssuedCertificate", name, { ...args, pem: undefined }, secret);
  }
}

/** A server certificate and its key, ordered by ACME and renewed by the first `up` in the last third of its time. */
export class AcmeCertificate extends pulumi.CustomResource {
  /** Certificate, then its chain, then the key, as HAProxy reads them. Secret. */
  declare readonly pem: pulumi.Output<string>;

  constructor(name: string, args: Inputs<AcmeCertificateInputs>, opts?: pulumi.CustomResourceOptions) {
    const secret = pulumi.mergeOptions(opts, { additionalSecretOutputs: ["pem"] });
    super("slipway:index:AcmeCertificate", name, { ...args, pem: undefined }, secret);
  }
}

/** A certificate that the proxy presents. */
export class Certificate extends pulumi.CustomResource {
  constructor(name: string, args: Inputs<CertificateInputs>, opts?: pulumi.CustomResourceOptions) {
    super("slipway:index:Certificate", name, args, opts);
  }
}

/** The engine that a stack is on: an `up` that would reach another, or a namespace that is taken, ends before it begins. */
export class EnginePlace extends pulumi.CustomResource {
  constructor(name: string, args: Inputs<EnginePlaceInputs>, opts?: pulumi.CustomResourceOptions) {
    super("slipway:index:EnginePlace", name, args, opts);
  }
}

/** How many processes and threads may run in a container at once. */
export class ProcessLimit extends pulumi.CustomResource {
  constructor(name: string, args: Inputs<ProcessLimitInputs>, opts?: pulumi.CustomResourceOptions) {
    super("slipway:index:ProcessLimit", name, args, opts);
  }
}

/** An engine's trust in a registry with a certificate of a private authority. */
export class EngineTrust extends pulumi.CustomResource {
  /** The registry's `host` or `host:port`, once the engine can sign in there. */
  declare readonly registry: pulumi.Output<string>;

  constructor(name: string, args: Inputs<EngineTrustInputs>, opts?: pulumi.CustomResourceOptions) {
    super("slipway:index:EngineTrust", name, args, opts);
  }
}

/** A directory's content, delivered into a volume. */
export class DataPackage extends pulumi.CustomResource {
  /** The volume, once the content is in it. */
  declare readonly volume: pulumi.Output<string>;

  constructor(name: string, args: Inputs<DataPackageInputs>, opts?: pulumi.CustomResourceOptions) {
    super("slipway:index:DataPackage", name, args, opts);
  }
}

/** A database server with its replicas, once programs can use it. */
export class DatabaseServer extends pulumi.CustomResource {
  /** By database, what tells its data from other data of the same name; undefined before it was looked at. */
  declare readonly data: pulumi.Output<Readonly<Record<string, string>> | undefined>;

  constructor(name: string, args: Inputs<DatabaseInputs>, opts?: pulumi.CustomResourceOptions) {
    const passwords = { additionalSecretOutputs: ["backupPassword", "logins", "replicationPassword"] };
    super("slipway:index:Database", name, { ...args, data: undefined }, pulumi.mergeOptions(opts, passwords));
  }
}

/** The watch over an environment's data: what is no longer declared ends a preview and an `up`. */
export class DataVolumes extends pulumi.CustomResource {
  constructor(name: string, args: Inputs<DataVolumesInputs>, opts?: pulumi.CustomResourceOptions) {
    super("slipway:index:DataVolumes", name, args, opts);
  }
}

/** A volume that another stack has made. */
export class SharedVolume extends pulumi.CustomResource {
  /** The volume, which is there. */
  declare readonly volume: pulumi.Output<string>;

  constructor(name: string, args: Inputs<SharedVolumeInputs>, opts?: pulumi.CustomResourceOptions) {
    super("slipway:index:SharedVolume", name, args, opts);
  }
}

/** Owner and mode of a volume, given while it is empty. */
export class VolumeOwner extends pulumi.CustomResource {
  /** The volume, once it has its owner. */
  declare readonly volume: pulumi.Output<string>;

  constructor(name: string, args: Inputs<VolumeOwnerInputs>, opts?: pulumi.CustomResourceOptions) {
    super("slipway:index:VolumeOwner", name, args, opts);
  }
}

/** What a new database begins with. */
export class DatabaseContent extends pulumi.CustomResource {
  constructor(name: string, args: Inputs<DatabaseContentInputs>, opts?: pulumi.CustomResourceOptions) {
    super("slipway:index:DatabaseContent", name, args, opts);
  }
}

/** What is done before a database's containers are replaced. */
export class DatabaseGuard extends pulumi.CustomResource {
  constructor(name: string, args: Inputs<DatabaseGuardInputs>, opts?: pulumi.CustomResourceOptions) {
    super("slipway:index:DatabaseGuard", name, args, opts);
  }
}

/** An image that is built and pushed when its content has changed. */
export class ImageBuild extends pulumi.CustomResource {
  /** The image by digest. */
  declare readonly image: pulumi.Output<string>;

  constructor(name: string, args: Inputs<ImageBuildInputs>, opts?: pulumi.CustomResourceOptions) {
    super("slipway:index:ImageBuild", name, { ...args, image: undefined }, opts);
  }
}

/** Names for people that an image has in its registry. */
export class ImageTags extends pulumi.CustomResource {
  constructor(name: string, args: Inputs<ImageTagsInputs>, opts?: pulumi.CustomResourceOptions) {
    super("slipway:index:ImageTags", name, args, opts);
  }
}

/** The engine's own copies of one repository's images. */
export class LocalImages extends pulumi.CustomResource {
  /** The image that runs, by digest. */
  declare readonly current: pulumi.Output<string>;

  constructor(name: string, args: Inputs<LocalImagesInputs>, opts?: pulumi.CustomResourceOptions) {
    super("slipway:index:LocalImages", name, args, opts);
  }
}

/** Secrets as files in a volume of their own. */
export class SecretFiles extends pulumi.CustomResource {
  /** Name of the volume, once the files are in it. */
  declare readonly volume: pulumi.Output<string>;

  constructor(name: string, args: Inputs<SecretFilesInputs>, opts?: pulumi.CustomResourceOptions) {
    const secret = pulumi.mergeOptions(opts, { additionalSecretOutputs: ["files"] });
    super("slipway:index:SecretFiles", name, { ...args, volume: undefined }, secret);
  }
}
