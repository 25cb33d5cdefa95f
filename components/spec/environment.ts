import type { Certificate, CertificateInput } from "./certificate.ts";
import type { Database } from "./database.ts";
import type { DatabaseInput } from "./database-input.ts";
import type { JobInput } from "./job-input.ts";
import type { Job } from "./job.ts";
import type { AccessInput } from "./route-input.ts";
import type { ServiceInput } from "./service-input.ts";
import type { Service } from "./service.ts";
import type { Target, TargetInput } from "./target.ts";
import type { Volume, VolumeInput } from "./volume.ts";

/** An environment, as a stack file writes it. */
export interface EnvironmentInput {
  /** Where it runs. A change moves nothing: destroy first. @default { kind: "docker" } */
  target?: TargetInput;
  /** DNS name that the routes' short hosts stand under, such as `dev.localhost`. A change replaces nothing. */
  domain: string;
  /**
   * Port of the proxy, one of the platform's `ports.environments`, by which alone the environment is reached: for where no
   * wildcard DNS is to be had. Its routes are `"@"` and `"@/path"`. Integer, 1 to 65535. A change replaces nothing.
   * @default - the proxy's port for HTTPS
   */
  port?: number;
  /** Cuts the environment's network off from the outside; the proxy still reaches it. A change replaces the network. @default false */
  sealed?: boolean;
  /**
   * False deletes the volumes with the environment, and each one that is taken out of it: for data that can be made again.
   * A change replaces nothing. @default true
   */
  keepData?: boolean;
  /** Releases of each service that can be gone back to, the current one included. Integer, 1 to 100. A change replaces nothing. @default 5 */
  keepReleases?: number;
  /**
   * Who may come in by every route that does not say so itself; a route takes what of both it leaves out. A change replaces
   * nothing. @default {} - everyone
   */
  access?: AccessInput;
  /**
   * Where the certificate for its hosts comes from: signed by the platform's own authority, ordered by ACME, or supplied. A
   * change takes effect in the running proxy.
   * @default - the platform's own authority
   */
  certificate?: CertificateInput;
  /** Long-running programs by name: a DNS label of at most 24 characters. A change of name replaces the containers. */
  services: Readonly<Record<string, ServiceInput>>;
  /**
   * Programs that run and end, by name: a DNS label of at most 24 characters that no service has. The platform's supervisor
   * starts those with a schedule, a deploy the others. A change of name replaces the container. @default {}
   */
  jobs?: Readonly<Record<string, JobInput>>;
  /**
   * Database servers by name: a DNS label of at most 24 characters that no service or job has, and the address that programs
   * reach the primary by. A change of name is another server with another volume. @default {}
   */
  databases?: Readonly<Record<string, DatabaseInput>>;
  /** Storage by name: a DNS label of at most 24 characters. A change of name is another volume. @default {} */
  volumes?: Readonly<Record<string, VolumeInput>>;
}

/** A checked environment with every default filled in. Its name is the stack's. */
export interface Environment {
  readonly kind: "environment";
  readonly target: Target;
  readonly domain: string;
  readonly port: number | undefined;
  readonly sealed: boolean;
  readonly keepData: boolean;
  readonly keepReleases: number;
  readonly certificate: Certificate;
  /** By name, names sorted. */
  readonly services: Readonly<Record<string, Service>>;
  /** By name, names sorted. */
  readonly jobs: Readonly<Record<string, Job>>;
  /** By name, names sorted. */
  readonly databases: Readonly<Record<string, Database>>;
  /** By name, names sorted. */
  readonly volumes: Readonly<Record<string, Volume>>;
}
