import type { BuildSource, ImageSource, Service } from "./service.ts";
import type { StackImage } from "./stack-image.ts";

/** A checked job with every default filled in; {@link JobSettings} tells units and ranges. */
export interface Job extends Pick<
  Service,
  "env" | "secrets" | "database" | "mounts" | "memoryMb" | "cpus" | "pidsLimit" | "user" | "waitsFor" | "relax"
> {
  /** What the container runs. */
  readonly source: BuildSource | ImageSource | StackImage | ServiceSource;
  /** Undefined for the image's own command. */
  readonly command: readonly string[] | undefined;
  /** Five fields of cron; undefined for a job that runs before the release of the services that name it. */
  readonly schedule: string | undefined;
  readonly timeZone: string;
  readonly timeoutSeconds: number;
  readonly catchUp: boolean;
}

/** The image of a service of the same environment. */
export interface ServiceSource {
  readonly kind: "service";
  /** Name of the service. */
  readonly service: string;
}
