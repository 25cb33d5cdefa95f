import type { BuildInput, ServiceSettings } from "./service-input.ts";
import type { StackImage } from "./stack-image.ts";

/** What every job may set, as a stack file writes it. */
export interface JobSettings extends Pick<
  ServiceSettings,
  "env" | "secrets" | "database" | "mounts" | "memoryMb" | "cpus" | "pidsLimit" | "user" | "waitsFor" | "relax"
> {
  /** Program and its arguments, without a shell. A change replaces the container. @default - the image's own command */
  command?: readonly string[];
  /**
   * When it runs, in the five fields of cron: minute, hour, day of the month, month, day of the week. A run that is due while
   * the last one goes on is left out. A change replaces the container.
   * @default - none: it runs before the release of the services that name it in `before`, when its image, command, variables,
   * secrets or volumes changed
   */
  schedule?: string;
  /** IANA time zone that the schedule means, such as `"Europe/Paris"`. A change replaces the container. @default "UTC" */
  timeZone?: string;
  /**
   * Time after which a run is stopped, and for which a deploy waits for a run that goes on, in seconds. Integer, 1 to 86400.
   * A change replaces the container of a job with schedule, and runs no other. @default 3600, without schedule 600
   */
  timeoutSeconds?: number;
  /** Makes up, once, for runs that were missed while the machine was down. A change replaces the container. @default false */
  catchUp?: boolean;
}

/** A job whose image is built from a directory of the project. */
export interface BuiltJobInput extends JobSettings {
  /** Directory with the Dockerfile, relative to the project, or all that the build takes. A change of content replaces the container. */
  build: string | BuildInput;
  image?: never;
  service?: never;
}

/** A job whose image is made elsewhere. */
export interface PulledJobInput extends JobSettings {
  /** Image by digest, `name@sha256:…`, or `fromStack("dev", "web")`. A change replaces the container. */
  image: string | StackImage;
  build?: never;
  service?: never;
}

/** A job that runs the image of a service. */
export interface ServiceJobInput extends JobSettings {
  /**
   * Service of the same environment whose image it runs: each version once its release has succeeded, without schedule the
   * new one before its release.
   */
  service: string;
  build?: never;
  image?: never;
}

/** A program that runs, by a schedule or before a release, and ends, as a stack file writes it. */
export type JobInput = BuiltJobInput | PulledJobInput | ServiceJobInput;
