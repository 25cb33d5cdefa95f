import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { resolve } from "node:path";
import { AcmeAccount } from "./docker/acme-account.ts";
import { BaseImages } from "./docker/base-images.ts";
import { CertificateAuthority } from "./docker/certificate-authority.ts";
import type { RegistryArgs } from "./docker/registry.ts";
import { Registry } from "./docker/registry.ts";
import { ReverseProxy } from "./docker/reverse-proxy.ts";
import { EnginePlace, EngineTrust } from "./docker/slipway-resources.ts";
import { socketOf, Supervisor } from "./docker/supervisor.ts";
import type { Origin } from "./origin.ts";
import { createSecrets, refuseMissingSecrets } from "./secrets.ts";
import type { Reveal, SecretSources } from "./secrets.ts";
import type * as spec from "./spec/index.ts";

/** Images that the platform's own containers run. */
export interface PlatformImages {
  haproxy: string;
  node: string;
  registry: string;
}

/** Inputs of {@link Platform}. */
export interface PlatformArgs {
  spec: spec.Platform;
  /** First word of all that this installation owns on the engine. */
  namespace: string;
  images: PlatformImages;
  /** Where the keys of the registry's bucket come from. */
  secrets: SecretSources;
  /** Who builds where, for the record of builds. @default - no record */
  origin?: Origin | undefined;
  /** Address of the engine where the specification names none; undefined for Docker's own default. */
  dockerHost?: string;
}

/** What environments need to know of their platform; the outputs of its stack. */
export interface PlatformOutputs {
  /** Certificate of the private authority, PEM: what clients are told to trust. */
  ca: string;
  /** Key of the private authority, PEM, secret: environments sign their certificates with it. */
  caPrivateKey: string;
  /** Ports on which the proxy is reached. */
  ports: spec.Platform["ports"];
  registry: {
    address: string;
    username: string;
    pullUsername: string;
    /** First word of the repositories' names. */
    namespace: string;
    /** What garbage collection keeps. */
    keep: spec.Platform["registry"]["keep"];
  };
  /** Of the user that may push and pull. Secret. */
  registryPassword: string;
  /** Of the user that may pull alone. Secret. */
  registryPullPassword: string;
  /** Opens the proxy's status page and metrics to the user `slipway`. Secret. */
  statusPassword: string;
  /** Base images by name, each by digest. */
  bases: Record<string, string>;
  /** Whether a supervisor runs, which jobs need. */
  supervisor: boolean;
  /** Authority that certificates are ordered from; there with `acme` in the specification. */
  acme: spec.Acme | undefined;
  /** Key of the account there, PEM. Secret. */
  acmeAccountKey: string | undefined;
}

/**
 * What the environments of one engine share: the private registry, the reverse proxy and the authority that signs its
 * certificates, and the supervisor.
 *
 * Creates `${name}-ca`, `${name}-engine`, with `acme` `${name}-acme`, `${name}-registry`, `${name}-proxy`, where the registry has a host
 * `${name}-registry-trust`, `${name}-base`, and, unless it is switched off, `${name}-supervisor`.
 */
export class Platform extends pulumi.ComponentResource {
  readonly outputs: { [Key in keyof PlatformOutputs]: pulumi.Output<PlatformOutputs[Key]> };

  constructor(name: string, args: PlatformArgs, opts?: pulumi.ComponentResourceOptions) {
    const keys = keysOf(args.spec.registry.s3);
    refuseMissingSecrets(name, keys, args.secrets);
    super("slipway:index:Platform", name, {}, opts);

    const { spec, namespace, images } = args;
    const engine = spec.target.host ?? args.dockerHost;
    const owner = { namespace, environment: name };
    const authority = new CertificateAuthority(
      `${name}-ca`,
      { commonName: `Slipway ${namespace} CA` },
      { parent: this },
    );
    const { reveal } = createSecrets(name, keys, args.secrets, { parent: this });
    const claim = { namespace, authority: authority.certificate };
    const place = new EnginePlace(`${name}-engine`, { claim }, { parent: this });
    // Nothing is touched before it is known that this is the engine, and that nobody else has the namespace there.
    const registry = new Registry(
      `${name}-registry`,
      { owner, image: images.registry, s3: bucketOf(spec.registry.s3, reveal) },
      { parent: this, dependsOn: [place] },
    );
    const { container, push, pull } = registry;
    const account = spec.acme && new AcmeAccount(`${name}-acme`, { parent: this });
    const proxy = new ReverseProxy(
      `${name}-proxy`,
      {
        ...{ owner, image: images.haproxy, ports: spec.ports, authority, domain: spec.domain },
        acmeThumbprint: account?.thumbprint,
        registry: { container, port: spec.registry.port, host: spec.registry.host, push, pull },
      },
      // A registry of earlier versions of this project gives up its port before the proxy takes it.
      { parent: this, dependsOn: [registry] },
    );
    const { registryAddress } = proxy;
    const trust =
      spec.registry.host === undefined
        ? undefined
        : new EngineTrust(
            `${name}-registry-trust`,
            {
              ...{ namespace, registry: registryAddress, certificate: authority.certificate },
              ...{ helperImage: images.haproxy, ...pull },
            },
            { parent: this },
          );
    const access = { address: trust?.registry ?? registryAddress, ...push, pull };
    // The engine pulls from a registry with what its provider knows, and this registry is made here.
    const signedIn = new docker.Provider(
      `${name}-registry-docker`,
      {
        host: spec.target.host,
        registryAuth: [{ address: access.address, ...pull }],
      },
      { parent: this },
    );
    const { origin } = args;
    const bases = new BaseImages(
      `${name}-base`,
      { owner, sources: spec.bases, registry: access, origin },
      { parent: this, providers: [signedIn] },
    );
    if (spec.supervisor) {
      new Supervisor(
        `${name}-supervisor`,
        { owner, source: supervisorSource(images.node), registry: access, socket: socketOf(engine), origin },
        { parent: this, providers: [signedIn] },
      );
    }

    this.outputs = {
      ca: authority.certificate,
      caPrivateKey: authority.privateKey,
      ports: pulumi.output(spec.ports),
      registry: pulumi.output({
        ...{ address: access.address, username: push.username, pullUsername: pull.username },
        ...{ namespace, keep: spec.registry.keep },
      }),
      registryPassword: push.password,
      registryPullPassword: pull.password,
      statusPassword: proxy.statusPassword,
      bases: bases.digests,
      supervisor: pulumi.output(spec.supervisor),
      acme: pulumi.output(spec.acme),
      acmeAccountKey: pulumi.output(account?.key),
    };
    this.registerOutputs(this.outputs);
  }
}

/** The secrets that the platform uses. */
function keysOf(s3: spec.Bucket | undefined): spec.Secret[] {
  return s3 === undefined ? [] : [s3.accessKeyId, s3.secretAccessKey];
}

function bucketOf(s3: spec.Bucket | undefined, reveal: Reveal): RegistryArgs["s3"] {
  return s3 && { ...s3, accessKeyId: reveal(s3.accessKeyId), secretAccessKey: reveal(s3.secretAccessKey) };
}

/** The supervisor's program, which is part of this project. */
function supervisorSource(nodeImage: string): spec.BuildSource {
  const context = resolve(import.meta.dirname, "../supervisor");
  const args = { NODE_IMAGE: nodeImage };
  return {
    ...{ kind: "build", context, dockerfile: resolve(context, "Dockerfile"), args },
    ...{ target: undefined, secrets: {}, platform: undefined, cache: false },
  };
}
