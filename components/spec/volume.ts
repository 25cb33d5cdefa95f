/** Storage that outlives containers, as a stack file writes it: `{}`, a data package, or a volume of another stack. */
export interface VolumeInput {
  /**
   * Directory, relative to the project, whose content is shipped into the volume apart from any image.
   * A change of its content is delivered without building an image; adding `package` gives up what services wrote.
   * @default - none: the volume begins empty and only the services write to it
   */
  package?: string;
  /**
   * Numeric user and group that own the volume, `"1000:1000"`, set once, while it is empty. @default - as the image's directory,
   * if it has one at that path, else root
   */
  owner?: string;
  /** Octal mode of the volume, such as `"0750"`, set with `owner`. @default - as `owner`; with it "0755" */
  mode?: string;
  /**
   * Volume of another stack on the same engine, `"prod/uploads"`, which is mounted instead of one of its own. A change replaces
   * the containers.
   */
  shareFrom?: string;
  /** Of a shared volume: false lets the programs of this environment write to it. @default true */
  readOnly?: boolean;
}

/** A checked volume that only the services write to. */
export interface DataVolume {
  readonly kind: "data";
  /** Numeric; undefined where the image or the engine decides. */
  readonly owner?: string | undefined;
  /** Octal; undefined where the image or the engine decides. */
  readonly mode?: string | undefined;
}

/** A checked volume whose content is shipped from a directory of the project. */
export interface PackageVolume {
  readonly kind: "package";
  /** Absolute path of the directory. */
  readonly directory: string;
}

/** A checked volume that is another stack's. */
export interface SharedVolume {
  readonly kind: "shared";
  readonly stack: string;
  /** Its name there. */
  readonly volume: string;
  readonly readOnly: boolean;
}

/** A checked volume. Tell its kinds apart by `kind`. */
export type Volume = DataVolume | PackageVolume | SharedVolume;
