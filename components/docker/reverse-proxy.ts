import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { authorizationHash } from "./basic-auth.ts";
import type { PortRange } from "../spec/index.ts";
import type { Authority } from "./certificate-authority.ts";
import { hardening, REPLACE_ON_CHANGES } from "./hardening.ts";
import { haproxyBaseConfig } from "./haproxy-config.ts";
import { labelsFor } from "./labels.ts";
import type { Owner } from "./labels.ts";
import { Network } from "./network.ts";
import { PROXY_START } from "./proxy-start.ts";
import type { Account } from "./registry.ts";
import { IssuedCertificate, ProcessLimit, ProxyConfiguration, ProxyNetworks } from "./slipway-resources.ts";
import { Volume } from "./volume.ts";

/** Inputs of {@link ReverseProxy}. */
export interface ReverseProxyArgs {
  /** Whose proxy it is. */
  owner: Owner;
  /** HAProxy image, 2.6 or newer. A change replaces the container, which is an outage of its start-up. */
  image: string;
  /** Ports on the engine's addresses. A change replaces the container. */
  ports: {
    http: number;
    https: number;
    /** On the loopback address alone. */
    status: number;
    /** For environments that have one of their own. */
    environments?: PortRange | undefined;
  };
  /** Signs the certificate that is presented for names without one of their own. */
  authority: Authority;
  /** Domain of that certificate. */
  domain: string;
  /** Thumbprint of the account for ACME, whose challenges are answered. @default - none are */
  acmeThumbprint?: pulumi.Input<string>;
  /** The registry that it stands in front of. */
  registry: {
    /** Id of its container. */
    container: pulumi.Input<string>;
    /** Port on the engine's loopback address. A change replaces the proxy's container. */
    port: number;
    /** Host under which the port for HTTPS leads to it as well. */
    host: string | undefined;
    push: Account;
    pull: Account;
  };
}

/** User and group of the official HAProxy image. */
const HAPROXY_USER = "99:99";
const STATUS_USER = "slipway";
const LOOPBACK = "127.0.0.1";
const PUBLIC = { ip: "0.0.0.0", protocol: "tcp" };
const DIRECTORY = "/etc/slipway";
/** A thread for each core, in the worker and in up to twenty older ones that still serve what they have begun. */
const PIDS_LIMIT = 4096;

/**
 * The one way in from outside: HAProxy with TLS, no Docker socket. It knows no service of its own accord; releases tell
 * it, and what they tell it is in a volume that outlives the container.
 *
 * Creates `${name}-network`, `${name}-volume`, `${name}-certificate`, `${name}-password`, `${name}-image`,
 * `${name}-configuration`, `${name}-container`, `${name}-limit` and `${name}-networks`.
 */
export class ReverseProxy extends pulumi.ComponentResource {
  /** Opens the status page to the user `slipway`. Secret. */
  readonly statusPassword: pulumi.Output<string>;
  /** Where the registry is reached, once it is: `host:port`. */
  readonly registryAddress: pulumi.Output<string>;

  constructor(name: string, args: ReverseProxyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:docker:ReverseProxy", name, {}, opts);

    const { namespace } = args.owner;
    const { registry, domain } = args;
    // An engine publishes a container's ports on the network whose name comes first, and cuts every connection when a
    // new one comes before it. Those of environments begin with a letter.
    const network = new Network(name, { owner: args.owner, name: `0-${namespace}-proxy` }, { parent: this });
    const volume = new Volume(name, { owner: args.owner, volume: "proxy", retained: false }, { parent: this });
    const certificate = new IssuedCertificate(
      `${name}-certificate`,
      {
        authorityCertificate: args.authority.certificate,
        authorityKey: args.authority.privateKey,
        hosts: [...new Set([domain, `*.${domain}`, ...(registry.host ? [registry.host] : []), "localhost", LOOPBACK])],
      },
      { parent: this },
    );
    const password = new random.RandomPassword(`${name}-password`, { length: 32, special: false }, { parent: this });
    // Here before the old container goes: a pull would prolong the outage, and an image that is not there would make it last.
    const image = new docker.RemoteImage(`${name}-image`, { name: args.image, keepLocally: true }, { parent: this });
    const configuration = new ProxyConfiguration(
      `${name}-configuration`,
      {
        namespace,
        volume: volume.volumeName,
        helperImage: args.image,
        configuration: pulumi.output(args.acmeThumbprint).apply((acmeThumbprint) =>
          haproxyBaseConfig({
            environmentPorts: args.ports.environments,
            httpsPort: args.ports.https,
            acmeThumbprint,
            registry: { host: registry.host },
          }),
        ),
        certificate: certificate.pem,
        statusHash: authorizationHash(STATUS_USER, password.result),
        registryHashes: { push: hashOf(registry.push), pull: hashOf(registry.pull) },
      },
      { parent: this, dependsOn: [image] },
    );
    const container = new docker.Container(
      `${name}-container`,
      {
        ...hardening({ memoryMb: 256, cpus: 2 }),
        image: args.image,
        entrypoints: PROXY_START.entrypoint,
        command: PROXY_START.command,
        labels: labelsFor(args.owner, { role: "proxy" }),
        user: HAPROXY_USER,
        networksAdvanced: [{ name: network.networkName }],
        ports: [
          { internal: 8080, external: args.ports.http, ip: "0.0.0.0", protocol: "tcp" },
          { internal: 8443, external: args.ports.https, ip: "0.0.0.0", protocol: "tcp" },
          { internal: 8404, external: args.ports.status, ip: LOOPBACK, protocol: "tcp" },
          { internal: 5000, external: registry.port, ip: LOOPBACK, protocol: "tcp" },
          ...portsOf(args.ports.environments).map((port) => ({ ...{ internal: port, external: port }, ...PUBLIC })),
        ],
        volumes: [{ containerPath: DIRECTORY, volumeName: configuration.volume }],
        healthcheck: {
          tests: ["CMD-SHELL", "echo show info | nc -w 2 127.0.0.1 9999 | grep -q ^Pid:"],
          interval: "5s",
          timeout: "2s",
          retries: 3,
        },
        // Its networks come next; the resource that joins them waits until it serves, by looks of 50 ms.
        wait: false,
        restart: "unless-stopped",
        // At once: what an image may stop by otherwise waits for every connection to end, while nobody listens.
        stopSignal: "SIGTERM",
        destroyGraceSeconds: 5,
      },
      { parent: this, replaceOnChanges: REPLACE_ON_CHANGES },
    );
    new ProcessLimit(`${name}-limit`, { container: container.id, pidsLimit: PIDS_LIMIT }, { parent: this });
    const networks = new ProxyNetworks(
      `${name}-networks`,
      { namespace, proxy: container.id, registry: registry.container },
      { parent: this },
    );

    this.statusPassword = password.result;
    this.registryAddress = networks.id.apply(() => addressOf(registry, args.ports.https));
    this.registerOutputs({ statusPassword: this.statusPassword, registryAddress: this.registryAddress });
  }
}

function hashOf({ username, password }: Account): pulumi.Output<string> {
  return authorizationHash(username, password);
}

function addressOf({ host, port }: ReverseProxyArgs["registry"], httpsPort: number): string {
  if (host === undefined) return `${LOOPBACK}:${port}`;
  return httpsPort === 443 ? host : `${host}:${httpsPort}`;
}

function portsOf(range: PortRange | undefined): number[] {
  if (!range) return [];
  return Array.from({ length: range.last - range.first + 1 }, (_, index) => range.first + index);
}
