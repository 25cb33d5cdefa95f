/** What a container sees at a path, checked. Tell its kinds apart by `kind`. */
export type Mount = VolumeMount | DirectoryMount | MemoryMount;

/** A volume of the environment. */
export interface VolumeMount {
  readonly kind: "volume";
  /** Name of the volume. */
  readonly volume: string;
  /** Absolute path in the container. */
  readonly path: string;
  readonly readOnly: boolean;
}

/** A directory of the engine's machine. */
export interface DirectoryMount {
  readonly kind: "directory";
  /** Absolute path on that machine. */
  readonly directory: string;
  /** Absolute path in the container. */
  readonly path: string;
  readonly readOnly: boolean;
}

/** A directory in memory. */
export interface MemoryMount {
  readonly kind: "memory";
  /** Absolute path in the container. */
  readonly path: string;
  readonly sizeMb: number;
  /** Octal. */
  readonly mode: string;
  /** Numeric user, with or without a group; undefined for root. */
  readonly owner: string | undefined;
}
