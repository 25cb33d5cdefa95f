import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Origin } from "../origin.ts";
import type * as spec from "../spec/index.ts";
import { hardening, REPLACE_ON_CHANGES } from "./hardening.ts";
import { Image } from "./image.ts";
import { labelsFor } from "./labels.ts";
import type { Owner } from "./labels.ts";
import type { RegistryAccess } from "./registry.ts";
import { ProcessLimit } from "./slipway-resources.ts";

/** Inputs of {@link Supervisor}. */
export interface SupervisorArgs {
  /** Whose containers it looks after: all of the namespace. */
  owner: Owner;
  /** What it is built from. A change of content replaces the container. */
  source: spec.BuildSource;
  /** Who builds where, for the record. */
  origin?: Origin | undefined;
  /** Takes the image. */
  registry: RegistryAccess;
  /** Path of the engine's socket on the engine's machine. A change replaces the container. */
  socket: string;
}

const SOCKET = "/var/run/docker.sock";
/** Images of it that stay on the engine: the one that runs, and the one before. */
const KEEP_IMAGES = 2;
/** Node has a dozen threads. */
const PIDS_LIMIT = 200;

/**
 * Restarts programs that hang and starts scheduled jobs. It is the one container that the engine's socket is mounted
 * into, which makes it root on the machine: so it has no network at all, and nothing can talk to it.
 *
 * Creates `${name}-image`, `${name}-container` and `${name}-limit`.
 */
export class Supervisor extends pulumi.ComponentResource {
  constructor(name: string, args: SupervisorArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:docker:Supervisor", name, {}, opts);

    const { owner, source, registry, origin, socket } = args;
    const image = new Image(
      `${name}-image`,
      { owner, service: "supervisor", source, registry, origin, keepReleases: KEEP_IMAGES, pinned: undefined },
      { parent: this },
    );
    const container = new docker.Container(
      `${name}-container`,
      {
        ...hardening({ memoryMb: 96, cpus: 0.5 }),
        image: image.digest,
        envs: [`DOCKER_SOCKET=${SOCKET}`, `SLIPWAY_NAMESPACE=${owner.namespace}`],
        labels: labelsFor(owner, { role: "supervisor" }),
        networkMode: "none",
        // The socket belongs to root and to a group whose number only the machine knows. Root here has no capability,
        // and whoever has the socket needs none.
        user: "0:0",
        volumes: [{ hostPath: socket, containerPath: SOCKET }],
        restart: "unless-stopped",
        destroyGraceSeconds: 1,
      },
      // Two at a time would start a job twice.
      { parent: this, deleteBeforeReplace: true, replaceOnChanges: REPLACE_ON_CHANGES },
    );
    new ProcessLimit(`${name}-limit`, { container: container.id, pidsLimit: PIDS_LIMIT }, { parent: this });

    this.registerOutputs({});
  }
}

/** Where an engine's socket is on its own machine: as its address says, else where engines have it. */
export function socketOf(engine: string | undefined): string {
  return engine?.startsWith("unix://") ? engine.slice("unix://".length) : SOCKET;
}
