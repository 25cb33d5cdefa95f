import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { Bucket } from "../spec/index.ts";
import { hardening, REPLACE_ON_CHANGES } from "./hardening.ts";
import { REGISTRY_ALIAS, REGISTRY_USERS } from "./haproxy-registry.ts";
import { labelsFor } from "./labels.ts";
import type { Owner } from "./labels.ts";
import { Network } from "./network.ts";
import { registryConfig } from "./registry-config.ts";
import { ProcessLimit } from "./slipway-resources.ts";
import { Volume } from "./volume.ts";

/** How images are pushed to a registry and pulled from it. */
export interface RegistryAccess extends Account {
  /** `host:port`, the first part of the images' names. */
  address: pulumi.Input<string>;
  /** Who may pull alone; the other account may push as well. */
  pull: Account;
}

/** A user of a registry. */
export interface Account {
  username: string;
  /** Secret. */
  password: pulumi.Input<string>;
}

/** Inputs of {@link Registry}. */
export interface RegistryArgs {
  /** Whose registry it is. */
  owner: Owner;
  /** Image of the CNCF registry, version 2.8 or newer. A change replaces the container. */
  image: string;
  /** Bucket that keeps the images. A change replaces the container and moves no image. @default - a volume */
  s3?: RegistryBucket | undefined;
}

/** A bucket with the keys that open it. */
export interface RegistryBucket extends Omit<Bucket, "accessKeyId" | "secretAccessKey"> {
  /** Secret. */
  accessKeyId: pulumi.Input<string>;
  /** Secret. */
  secretAccessKey: pulumi.Input<string>;
}

const CONFIGURATION = "/etc/slipway/registry.yml";
const PASSWORDS = "/etc/slipway/htpasswd";
const STORAGE = "/var/lib/registry";
/** A thread for each file that is being written or read, at most. */
const PIDS_LIMIT = 1000;

/**
 * A private registry with generated passwords. It publishes no port: the proxy, alone with it on its network, speaks TLS
 * for it and decides who may do what. It asks for the passwords itself as well, as every process of the engine's machine
 * reaches the address of a container.
 *
 * Creates `${name}-password`, `${name}-pull-password`, `${name}-network`, `${name}-volume`, or, with a bucket, the network
 * `${name}-bucket-network` that leads there, `${name}-container` and `${name}-limit`.
 */
export class Registry extends pulumi.ComponentResource {
  /** Id of its container. */
  readonly container: pulumi.Output<string>;
  /** Who may push and pull. */
  readonly push: { username: string; password: pulumi.Output<string> };
  /** Who may pull alone. */
  readonly pull: { username: string; password: pulumi.Output<string> };

  constructor(name: string, args: RegistryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:docker:Registry", name, {}, opts);

    const generate = (role: string) =>
      new random.RandomPassword(`${name}-${role}`, { length: 32, special: false }, { parent: this });
    const [push, pull] = [generate("password"), generate("pull-password")];
    const network = new Network(name, { owner: args.owner, sealed: true, proxied: true }, { parent: this });
    const storage = args.s3 ? undefined : new Volume(name, { owner: args.owner, volume: "registry" }, { parent: this });
    const way = args.s3 && new Network(`${name}-bucket`, { owner: args.owner }, { parent: this });
    const passwords = [
      passwordLine(REGISTRY_USERS.push, push.result, push.bcryptHash),
      passwordLine(REGISTRY_USERS.pull, pull.result, pull.bcryptHash),
    ];
    const container = new docker.Container(
      `${name}-container`,
      {
        // The docker provider's uploads go to the root filesystem, so it cannot be read-only.
        ...hardening({ memoryMb: 256, cpus: 1, writableRootFilesystem: true }),
        image: args.image,
        entrypoints: ["registry"],
        command: ["serve", CONFIGURATION],
        // Version 3 sends traces to its own machine otherwise, and logs that nobody takes them.
        envs: ["OTEL_TRACES_EXPORTER=none"],
        labels: labelsFor(args.owner, { role: "registry" }),
        networksAdvanced: [
          { name: network.networkName, aliases: [REGISTRY_ALIAS] },
          ...(way ? [{ name: way.networkName }] : []),
        ],
        volumes: storage && [{ containerPath: STORAGE, volumeName: storage.volumeName }],
        uploads: [
          {
            file: CONFIGURATION,
            content: pulumi
              .output(args.s3)
              .apply((bucket) => registryConfig({ passwords: PASSWORDS, storage: bucket ?? STORAGE })),
          },
          { file: PASSWORDS, content: pulumi.interpolate`${passwords[0]}\n${passwords[1]}\n` },
        ],
        healthcheck: {
          tests: ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:5000/"],
          interval: "10s",
          timeout: "2s",
          retries: 3,
        },
        // The proxy's own look at it is the quicker one.
        wait: false,
        restart: "unless-stopped",
        destroyGraceSeconds: 10,
      },
      { parent: this, replaceOnChanges: REPLACE_ON_CHANGES },
    );
    new ProcessLimit(`${name}-limit`, { container: container.id, pidsLimit: PIDS_LIMIT }, { parent: this });

    this.container = container.id;
    this.push = { username: REGISTRY_USERS.push, password: push.result };
    this.pull = { username: REGISTRY_USERS.pull, password: pull.result };
    this.registerOutputs({ container: this.container, push: this.push, pull: this.pull });
  }
}

/**
 * A line of the password file. The password has 190 bits of chance, so a hash that is slow to compute would protect
 * nothing, and cost each request of a push a twentieth of a second. The salt is the generated hash's own.
 */
function passwordLine(
  username: string,
  password: pulumi.Output<string>,
  generatedHash: pulumi.Output<string>,
): pulumi.Output<string> {
  return pulumi.all([password, generatedHash]).apply(async ([plain, hash]) => {
    const { hash: bcrypt } = await import("bcryptjs");
    const salt = hash.slice("$2b$10$".length, "$2b$10$".length + 22);
    return `${username}:${await bcrypt(plain, `$2a$04$${salt}`)}`;
  });
}
