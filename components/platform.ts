import * as pulumi from "@pulumi/pulumi";
import { CertificateAuthority } from "./docker/certificate-authority.ts";
import { Registry } from "./docker/registry.ts";
import { ReverseProxy } from "./docker/reverse-proxy.ts";
import type * as spec from "./spec/index.ts";

/** Images that the platform's own containers run. */
export interface PlatformImages {
  haproxy: string;
  registry: string;
}

/** Inputs of {@link Platform}. */
export interface PlatformArgs {
  spec: spec.Platform;
  /** First word of all that this installation owns on the engine. */
  namespace: string;
  images: PlatformImages;
}

/** What environments need to know of their platform; the outputs of its stack. */
export interface PlatformOutputs {
  /** Certificate of the private authority, PEM: what clients are told to trust. */
  ca: string;
  /** Key of the private authority, PEM, secret: environments sign their certificates with it. */
  caPrivateKey: string;
  /** Ports on which the proxy is reached. */
  ports: { http: number; https: number; status: number };
  registry: { address: string; username: string };
  /** Secret. */
  registryPassword: string;
  /** Opens the proxy's status page and metrics to the user `slipway`. Secret. */
  statusPassword: string;
}

/**
 * What the environments of one engine share: the private registry, the reverse proxy and the authority that signs its
 * certificates.
 *
 * Creates `${name}-ca`, `${name}-registry` and `${name}-proxy`.
 */
export class Platform extends pulumi.ComponentResource {
  readonly outputs: { [Key in keyof PlatformOutputs]: pulumi.Output<PlatformOutputs[Key]> };

  constructor(name: string, args: PlatformArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:index:Platform", name, {}, opts);

    const { spec, namespace, images } = args;
    const owner = { namespace, environment: name };
    const authority = new CertificateAuthority(
      `${name}-ca`,
      { commonName: `Slipway ${namespace} CA` },
      { parent: this },
    );
    const registry = new Registry(
      `${name}-registry`,
      { owner, image: images.registry, port: spec.registry.port },
      { parent: this },
    );
    const proxy = new ReverseProxy(
      `${name}-proxy`,
      { owner, image: images.haproxy, ports: spec.ports, authority, domain: spec.domain },
      { parent: this },
    );

    this.outputs = {
      ca: authority.certificate,
      caPrivateKey: authority.privateKey,
      ports: pulumi.output(spec.ports),
      registry: pulumi.output({ address: registry.address, username: registry.username }),
      registryPassword: registry.password,
      statusPassword: proxy.statusPassword,
    };
    this.registerOutputs(this.outputs);
  }
}
