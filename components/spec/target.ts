/** A Docker engine that an environment or the platform runs on, as a stack file writes it. */
export interface DockerTargetInput {
  kind: "docker";
  /**
   * Address of the engine: `unix:///path/to/socket`, `tcp://host:port` or `ssh://user@host`.
   * A change moves nothing: destroy the stack first, deploy it on the other engine then.
   * @default - the engine that the docker command on this machine would use
   */
  host?: string;
}

/** Where an environment runs, as a stack file writes it. */
export type TargetInput = DockerTargetInput;

/** A checked Docker target; `host` is undefined for the engine that the docker command would use. */
export interface DockerTarget {
  readonly kind: "docker";
  readonly host: string | undefined;
}

/** A checked target. Tell its kinds apart by `kind`. */
export type Target = DockerTarget;
