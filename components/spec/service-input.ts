import type { BaseImage } from "./base-image.ts";
import type { DatabaseAccessInput } from "./database-input.ts";
import type { Link } from "./link.ts";
import type { MountInput } from "./mount-input.ts";
import type { RouteInput } from "./route-input.ts";
import type { Secret, SecretFileInput } from "./secret.ts";
import type { StackImage } from "./stack-image.ts";

/** What every service may set, as a stack file writes it. */
export interface ServiceSettings {
  /**
   * Port that the program listens on inside the container. Integer, 1 to 65535. Required with `routes`, `health` and for
   * a service that is linked to. A change replaces the containers.
   * @default - none: a worker, which nothing connects to
   */
  port?: number;
  /**
   * Hosts and paths that lead to this service: `"website"` is website.<domain>, `"website/api"` its path /api, `"@"` the
   * domain itself, and whatever contains a dot is a host of its own (`"www.example.org/shop"`). A route with settings of its
   * own is an object: `{ at: "website/admin", maxBodyMb: 8 }`. A change replaces nothing.
   * @default [] - reached from its own environment only
   */
  routes?: readonly (string | RouteInput)[];
  /** Containers that run at the same time. Integer, 1 to 50. A change replaces nothing. @default 1 */
  replicas?: number;
  /** True keeps a client, by a cookie, on the container that answered it first, as long as that one serves. @default false */
  sticky?: boolean;
  /**
   * At most so many containers are replaced at once, the old ones stopped before the new ones start: for a service that
   * cannot run twice its number. Integer, 1 to 50, at most `replicas`. A change replaces the containers.
   * @default - all new ones start beside all old ones
   */
  rolling?: number;
  /**
   * True for a program that must never run twice, such as the only writer of its data: a release stops the old container,
   * then starts the new one, and nothing answers in between. Needs `replicas: 1`. A change replaces the container. @default false
   */
  exclusive?: boolean;
  /**
   * Environment variables by name: text, the address of another service, or a secret. Whoever may inspect the container on
   * the engine can read them; `secrets` cannot be read there. A change replaces the containers.
   * @default {}
   */
  env?: Readonly<Record<string, string | Link | Secret>>;
  /**
   * Secrets as files below `/run/secrets`, by file name; an object says whom the file belongs to. A rotated one has its
   * earlier value beside it, in `<name>.previous`, until the rotation is finished. A change replaces the containers.
   * @default {}
   */
  secrets?: Readonly<Record<string, Secret | SecretFileInput>>;
  /**
   * Database of the program, which gets a login of its own there: `"main"`, or `"main/reports"` for another database of that
   * server; `{ at: "main", rights: "read" }` says what it may do. Where it is, is told by `DATABASE_HOST`,
   * `DATABASE_REPLICA_HOST`, `DATABASE_PORT`, `DATABASE_NAME` and `DATABASE_USER`; the password is in the file
   * `DATABASE_PASSWORD_FILE`. A change replaces the containers. @default - none
   */
  database?: string | DatabaseAccessInput;
  /**
   * What appears where: the name of a volume with an absolute path in the container, or an object for a volume that is to be
   * read-only, a directory of the engine's machine, or memory. A change replaces the containers. @default {}
   */
  mounts?: Readonly<Record<string, MountInput>>;
  /** How a container is asked whether it works. Required with `routes`. @default - one that keeps running counts as working */
  health?: HealthInput;
  /**
   * Time that a new container without `health` has to run before it counts as working, in seconds. Integer, 0 to 3600.
   * @default 3
   */
  steadySeconds?: number;
  /** Memory of each container, in MiB. Integer, 16 to 1048576. A change replaces the containers. @default 256 */
  memoryMb?: number;
  /** Processor cores of each container. Number, 0.01 to 1024. A change replaces the containers. @default 0.5 */
  cpus?: number;
  /** Processes and threads of each container. Integer, 1 to 4194304. A change replaces nothing. @default 200 */
  pidsLimit?: number;
  /**
   * Numeric user, `"1000"` or `"1000:1000"` with its group. Root (0) needs `relax.allowRoot`. A change replaces the containers.
   * @default - the image's own user
   */
  user?: string;
  /**
   * Jobs without schedule that run to their end before new containers start, such as a migration. One that fails ends the
   * deploy here, and the old containers serve on. A change replaces nothing. @default []
   */
  before?: readonly string[];
  /**
   * Services and jobs whose release, or run, has to have succeeded before this one starts. A change replaces nothing.
   * @default []
   */
  waitsFor?: readonly string[];
  /** Time that requests in flight get to end before a replaced container stops, in seconds. Integer, 0 to 3600. @default 30 */
  drainSeconds?: number;
  /** Time that a new container gets to turn healthy before the release fails, in seconds. Integer, 1 to 3600. @default 60 */
  gateSeconds?: number;
  /** Time between SIGTERM and SIGKILL, in seconds. Integer, 1 to 3600. @default 10 */
  stopSeconds?: number;
  /** Safe defaults that this service goes without, by name. A change replaces the containers. @default {} */
  relax?: RelaxInput;
}

/** A service whose image is built from a directory of the project. */
export interface BuiltServiceInput extends ServiceSettings {
  /** Directory with the Dockerfile, relative to the project, or all that the build takes. A change of content replaces the containers. */
  build: string | BuildInput;
  image?: never;
}

/** A service whose image is made elsewhere. */
export interface PulledServiceInput extends ServiceSettings {
  /**
   * Image by digest, `name@sha256:…`, as a tag alone can be moved to other content; or what a service of another stack runs,
   * `fromStack("dev", "web")`. A change replaces the containers.
   */
  image: string | StackImage;
  build?: never;
}

/** A long-running program, as a stack file writes it: what it runs is either `build` or `image`. */
export type ServiceInput = BuiltServiceInput | PulledServiceInput;

/** What an image is built from, as a stack file writes it. */
export interface BuildInput {
  /** Directory that is sent to the engine, relative to the project; its .dockerignore is honoured. */
  context: string;
  /** Path of the Dockerfile, relative to the context. @default "Dockerfile" */
  dockerfile?: string;
  /** Stage to build. @default - the last one */
  target?: string;
  /**
   * Values for the Dockerfile's ARG lines, by name: text, or a base image of the platform, `base("node")`. Readable in the
   * image's history, so no secrets. A change builds anew. @default {}
   */
  args?: Readonly<Record<string, string | BaseImage>>;
  /**
   * Values for `RUN --mount=type=secret,id=…`, by id. No layer, history or state has them; a change builds nothing.
   * @default {}
   */
  secrets?: Readonly<Record<string, Secret>>;
  /** Platform to build for, such as `"linux/arm64"`. A change builds anew. @default - the engine's own */
  platform?: string;
  /**
   * Takes layers over from the last build in the registry, for engines that forget theirs, such as those of a build
   * server's jobs. A change builds nothing. @default false
   */
  cache?: boolean;
}

/** How a container is asked whether it works, as a stack file writes it: either `path` or `command`. */
export interface HealthInput {
  /** Path that answers 2xx or 3xx when the program works; the proxy asks for it. Needs `port`. A change replaces nothing. */
  path?: string;
  /** Program and arguments that end with code 0 in the container when it works. A change replaces the containers. */
  command?: readonly string[];
  /** Host header of the question for `path`. @default - the host of the service's first route */
  host?: string;
  /** Time from one question to the next, in seconds. Integer, 1 to 300. @default 1 */
  everySeconds?: number;
  /** Time within which the answer has to come, in seconds. Integer, 1 to 60. @default 3 */
  timeoutSeconds?: number;
  /** Failures in a row after which a container gets no more requests. Integer, 1 to 10. @default 3 */
  failures?: number;
}

/** Linux capabilities that a service can be given back: those that Docker grants by default. */
export const CAPABILITIES = [
  "AUDIT_WRITE",
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "NET_RAW",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
] as const;

/** A Linux capability, without its prefix CAP_. */
export type Capability = (typeof CAPABILITIES)[number];

/** Safe defaults that a service goes without, as a stack file writes it. */
export interface RelaxInput {
  /** Lets the program write to its root filesystem; what it writes goes with the container. @default false */
  writableRootFilesystem?: boolean;
  /** Capabilities that are given back after all are dropped. @default [] */
  capabilities?: readonly Capability[];
  /** Lets the program run as root, by `user` or because its image says so. @default false */
  allowRoot?: boolean;
  /** Directories of the engine's machine that may be mounted though they are the system's, each by its path. @default [] */
  hostDirectories?: readonly string[];
}
