import type { Bucket, BucketInput } from "./bucket.ts";
import type { BuildInput } from "./service-input.ts";
import type { BuildSource } from "./service.ts";
import type { Target, TargetInput } from "./target.ts";

/** Ports that follow each other. */
export interface PortRange {
  /** Integer, 1 to 65535. */
  readonly first: number;
  /** Integer, `first` to 65535. */
  readonly last: number;
}

/** What the environments of one host share, as a stack file writes it. */
export interface PlatformInput {
  /** Where it runs. A change moves nothing: destroy first. @default { kind: "docker" } */
  target?: TargetInput;
  /** DNS name that the platform's own hosts and its default certificate stand under. A change replaces that certificate. */
  domain: string;
  /** Ports of the host that the reverse proxy listens on. A change replaces the proxy's container. */
  ports?: {
    /** Integer, 1 to 65535. @default 8080 */
    http?: number;
    /** Integer, 1 to 65535. @default 8443 */
    https?: number;
    /** The proxy's status page and metrics, on the loopback address alone. Integer, 1 to 65535. @default 8404 */
    status?: number;
    /**
     * Ports for environments that have one of their own, for where no wildcard DNS is to be had: at most 100, the last one
     * included. @default none
     */
    environments?: PortRange;
  };
  /**
   * Runs the supervisor, which restarts programs that hang and starts scheduled jobs. It is given the engine's socket, and
   * no network; false goes without both. A change creates or deletes its container. @default true
   */
  supervisor?: boolean;
  /**
   * The authority that environments order certificates from by ACME. A change orders all of them anew.
   * @default - none: every certificate is signed by the platform's own authority, or supplied
   */
  acme?: {
    /** Where the authority writes to before a certificate runs out. Setting it agrees to the authority's terms. */
    email: string;
    /** Address of its directory. @default "https://acme-v02.api.letsencrypt.org/directory" */
    directory?: string;
    /** PEM of the authority that signs the directory's own certificate, for one inside a company. @default - the public ones */
    directoryCertificate?: string;
  };
  /**
   * Images that others start from, by name: a DNS label of at most 24 characters. Each is a directory with a Dockerfile or
   * all that the build takes; stack files name them by `base("node")`. A change of content builds anew what stands on it.
   * @default {}
   */
  bases?: Readonly<Record<string, string | BuildInput>>;
  /** The private registry. */
  registry?: {
    /** Port of the host's loopback address. Integer, 1 to 65535. A change replaces the proxy's container. @default 5000 */
    port?: number;
    /**
     * DNS name by which it is reached on the proxy's port for HTTPS, from elsewhere too; without it images are named by the
     * loopback port. A change builds and pushes every image anew, under its new name. @default none
     */
    host?: string;
    /**
     * Where images are kept, instead of in a volume. A change replaces the registry's container and moves no image.
     * @default - a volume of the engine
     */
    s3?: BucketInput;
    /**
     * What `npm run gc` keeps beside images that are deployed or have a version: the newest `count` of each repository (0
     * to 1000), and those built in the last `days` (0 to 3650). @default { count: 10, days: 30 }
     */
    keep?: { count?: number; days?: number };
  };
}

/** A checked platform with every default filled in. */
export interface Platform {
  readonly kind: "platform";
  readonly target: Target;
  readonly domain: string;
  readonly ports: {
    readonly http: number;
    readonly https: number;
    readonly status: number;
    readonly environments?: PortRange | undefined;
  };
  readonly registry: {
    readonly port: number;
    readonly host: string | undefined;
    readonly s3: Bucket | undefined;
    readonly keep: { readonly count: number; readonly days: number };
  };
  /** By name, names sorted. */
  readonly bases: Readonly<Record<string, BuildSource>>;
  readonly supervisor: boolean;
  /** Undefined where no environment may order a certificate. */
  readonly acme: Acme | undefined;
}

/** A checked authority for ACME. */
export interface Acme {
  readonly email: string;
  readonly directory: string;
  readonly directoryCertificate?: string | undefined;
}
