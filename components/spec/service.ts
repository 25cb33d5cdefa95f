import type { BaseImage } from "./base-image.ts";
import type { DatabaseAccess } from "./database.ts";
import type { ResolvedLink } from "./link.ts";
import type { Mount } from "./mount.ts";
import type { Secret, SecretFile } from "./secret.ts";
import type { Capability } from "./service-input.ts";
import type { StackImage } from "./stack-image.ts";

/** A checked service with every default filled in; {@link ServiceSettings} tells units and ranges. */
export interface Service {
  /** What the containers run. */
  readonly source: BuildSource | ImageSource | StackImage;
  /** Port inside the container; undefined for a worker. Always there with `routes` or `health`. */
  readonly port: number | undefined;
  /** What leads here, in the order of the stack file. Empty for a service that only its own environment reaches. */
  readonly routes: readonly Route[];
  readonly replicas: number;
  readonly sticky: boolean;
  /** Containers that are stopped before as many new ones start; undefined when all new ones start beside the old. */
  readonly rolling: number | undefined;
  /** True when the program must never run twice; `rolling` is 1 then. */
  readonly exclusive: boolean;
  /** Environment variables by name, names sorted. */
  readonly env: Readonly<Record<string, string | ResolvedLink | Secret>>;
  /** Secrets by file name below `/run/secrets`, names sorted. */
  readonly secrets: Readonly<Record<string, SecretFile>>;
  /** Undefined for a program that uses none. */
  readonly database: DatabaseAccess | undefined;
  /** Sorted by name. */
  readonly mounts: readonly Mount[];
  /** Always there with `routes`. */
  readonly health: Health | undefined;
  readonly memoryMb: number;
  readonly cpus: number;
  readonly pidsLimit: number;
  /** Undefined for the image's own user, which may be root only with `relax.allowRoot`. */
  readonly user: string | undefined;
  /** Jobs without schedule that run first, each once. */
  readonly before: readonly string[];
  /** Services and jobs that have to have succeeded first, each once. */
  readonly waitsFor: readonly string[];
  /** Undefined with `health`. */
  readonly steadySeconds: number | undefined;
  readonly drainSeconds: number;
  readonly gateSeconds: number;
  readonly stopSeconds: number;
  readonly relax: Relax;
}

/** A checked image that is built from the project. */
export interface BuildSource {
  readonly kind: "build";
  /** Absolute path of the build context. */
  readonly context: string;
  /** Absolute path of the Dockerfile. */
  readonly dockerfile: string;
  /** Stage to build; undefined for the last one. */
  readonly target: string | undefined;
  /** Build arguments by name, names sorted. */
  readonly args: Readonly<Record<string, string | BaseImage>>;
  /** Secrets by id, ids sorted. */
  readonly secrets: Readonly<Record<string, Secret>>;
  /** Undefined for the engine's own. */
  readonly platform: string | undefined;
  readonly cache: boolean;
}

/** A checked image that is made elsewhere. */
export interface ImageSource {
  readonly kind: "image";
  /** `name@sha256:…`. */
  readonly reference: string;
}

/** A host and a path that lead to a service. */
export interface Route {
  /** Full host name in lower case, without port. */
  readonly host: string;
  /** Port of the proxy that it stands for alone; undefined for the one for HTTPS. */
  readonly port: number | undefined;
  /** Begins with `/` and does not end with one, except `/` itself, which is the whole host. */
  readonly path: string;
  /** Largest body of a request, in MiB; undefined without a limit. */
  readonly maxBodyMb: number | undefined;
  /** Addresses and networks of clients; undefined for every one. */
  readonly allow: readonly string[] | undefined;
  /** Passwords by user name, names sorted; undefined where nobody is asked. */
  readonly users: Readonly<Record<string, Secret>> | undefined;
}

/** A checked health check. */
export type Health = HttpHealth | CommandHealth;

/** A path that the proxy asks for. */
export interface HttpHealth extends HealthRhythm {
  readonly kind: "http";
  readonly path: string;
  /** Host header; undefined only for a service without routes. */
  readonly host: string | undefined;
}

/** A program that is run in the container. */
export interface CommandHealth extends HealthRhythm {
  readonly kind: "command";
  readonly command: readonly string[];
}

/** How often a container is asked, and what counts as failed. */
export interface HealthRhythm {
  readonly everySeconds: number;
  readonly timeoutSeconds: number;
  readonly failures: number;
}

/** Checked relaxations. */
export interface Relax {
  readonly writableRootFilesystem: boolean;
  /** Sorted, each once. */
  readonly capabilities: readonly Capability[];
  readonly allowRoot: boolean;
  /** Directories of the engine's machine that may be mounted though they are the system's. */
  readonly hostDirectories: readonly string[];
}
