/** A volume of the environment at a path, as a stack file writes it where the path alone does not say enough. */
export interface VolumeMountInput {
  /** Absolute path in the container. A change replaces the containers. */
  path: string;
  /**
   * True keeps the program from writing there. Data packages, and shared volumes that say so, are read-only whatever is said
   * here. @default false
   */
  readOnly?: boolean;
  directory?: never;
  sizeMb?: never;
}

/** A directory of the engine's machine at a path. It has to be there: the engine makes none. */
export interface DirectoryMountInput {
  /** Absolute path in the container. A change replaces the containers. */
  path: string;
  /**
   * Absolute path on the engine's machine. One by which a container takes the machine over, such as `/etc` or the engine's
   * own, needs `relax.hostDirectories`. A change replaces the containers.
   */
  directory: string;
  /** False lets the program write there. @default true */
  readOnly?: boolean;
  sizeMb?: never;
}

/** A directory in memory at a path, empty at each start of a container. */
export interface MemoryMountInput {
  /** Absolute path in the container; `/tmp` takes the place of the one that every container has. A change replaces the containers. */
  path: string;
  /** Most that it holds, in MiB, less than `memoryMb`, against which it counts. Integer, 1 to 1048576. A change replaces the containers. */
  sizeMb: number;
  /** Octal mode of the directory. A change replaces the containers. @default "1777" - everyone writes, each to its own */
  mode?: string;
  /** Numeric user and group that own it, `"1000:1000"`. A change replaces the containers. @default - root */
  owner?: string;
  readOnly?: never;
  directory?: never;
}

/** What is mounted into a container, as a stack file writes it: a path for a volume, or an object. */
export type MountInput = string | VolumeMountInput | DirectoryMountInput | MemoryMountInput;
