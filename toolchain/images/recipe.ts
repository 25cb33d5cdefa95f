/** How an image is made on a machine that cannot pull the official one. */
export interface ImageRecipe {
  /** Its own honest name on the engine. */
  reference: string;
  /** Debian or Ubuntu packages whose files it is made of. */
  packages: readonly string[];
  /** Changes the unpacked files, which lie below `root`. */
  customise: (root: string) => Promise<void>;
  /** Directories that belong to a user other than root, by path from the root, with the number of the user. */
  owners?: Readonly<Record<string, number>>;
  /** What `docker import --change` is told, as Dockerfile instructions. */
  changes: readonly string[];
}
