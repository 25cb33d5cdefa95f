/** Storage that outlives containers, as a stack file writes it: `{}`, or a data package with `package`. */
export interface VolumeInput {
  /**
   * Directory, relative to the project, whose content is shipped into the volume apart from any image.
   * A change of its content is delivered without building an image; adding or removing `package` replaces the volume.
   * @default - none: the volume begins empty and only the services write to it
   */
  package?: string;
}

/** A checked volume that only the services write to. */
export interface DataVolume {
  readonly kind: "data";
}

/** A checked volume whose content is shipped from a directory of the project. */
export interface PackageVolume {
  readonly kind: "package";
  /** Absolute path of the directory. */
  readonly directory: string;
}

/** A checked volume. Tell its kinds apart by `kind`. */
export type Volume = DataVolume | PackageVolume;
