import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { hardening, REPLACE_ON_CHANGES } from "./hardening.ts";
import { labelsFor } from "./labels.ts";
import type { Owner } from "./labels.ts";
import { Network } from "./network.ts";
import { Volume } from "./volume.ts";

/** How images are pushed to a registry and pulled from it. */
export interface RegistryAccess {
  /** `host:port`, the first part of the images' names. */
  address: pulumi.Input<string>;
  username: pulumi.Input<string>;
  /** Secret. */
  password: pulumi.Input<string>;
}

/** Inputs of {@link Registry}. */
export interface RegistryArgs {
  /** Whose registry it is. */
  owner: Owner;
  /** Image of the CNCF registry, version 2.8 or newer. A change replaces the container. */
  image: string;
  /** Port on the engine's loopback address. A change replaces the container. */
  port: number;
}

const USERNAME = "slipway";
const PASSWORD_FILE = "/etc/slipway/htpasswd";
const STORAGE = "/var/lib/registry";

/**
 * A private registry with a generated password. It listens on the engine's loopback address alone, which engines accept
 * without TLS (docs.docker.com/reference/cli/dockerd, "insecure registries").
 *
 * Creates `${name}-password`, `${name}-network`, `${name}-volume` and `${name}-container`.
 */
export class Registry extends pulumi.ComponentResource {
  readonly address: pulumi.Output<string>;
  readonly username: pulumi.Output<string>;
  /** Secret. */
  readonly password: pulumi.Output<string>;

  constructor(name: string, args: RegistryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:docker:Registry", name, {}, opts);

    const password = new random.RandomPassword(`${name}-password`, { length: 32, special: false }, { parent: this });
    const network = new Network(name, { owner: args.owner }, { parent: this });
    const storage = new Volume(name, { owner: args.owner, volume: "registry" }, { parent: this });
    const container = new docker.Container(
      `${name}-container`,
      {
        // The docker provider's uploads go to the root filesystem, so it cannot be read-only.
        ...hardening({ memoryMb: 256, cpus: 1, writableRootFilesystem: true }),
        image: args.image,
        entrypoints: ["registry"],
        command: ["serve", "/etc/distribution/config.yml"],
        envs: [
          "REGISTRY_AUTH=htpasswd",
          `REGISTRY_AUTH_HTPASSWD_PATH=${PASSWORD_FILE}`,
          "REGISTRY_AUTH_HTPASSWD_REALM=slipway",
          "REGISTRY_HTTP_ADDR=0.0.0.0:5000",
          `REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY=${STORAGE}`,
        ],
        labels: labelsFor(args.owner, { role: "registry" }),
        networksAdvanced: [{ name: network.networkName }],
        ports: [{ internal: 5000, external: args.port, ip: "127.0.0.1", protocol: "tcp" }],
        volumes: [{ containerPath: STORAGE, volumeName: storage.volumeName }],
        uploads: [{ file: PASSWORD_FILE, content: pulumi.interpolate`${USERNAME}:${password.bcryptHash}` }],
        healthcheck: {
          tests: ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:5000/"],
          interval: "1s",
          timeout: "2s",
          retries: 30,
        },
        wait: true,
        restart: "unless-stopped",
        destroyGraceSeconds: 10,
      },
      { parent: this, replaceOnChanges: REPLACE_ON_CHANGES },
    );

    // Whoever takes the address waits for the registry behind it.
    this.address = container.id.apply(() => `127.0.0.1:${args.port}`);
    this.username = pulumi.output(USERNAME);
    this.password = password.result;
    this.registerOutputs({ address: this.address, username: this.username, password: this.password });
  }
}
