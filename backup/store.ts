import type { Readable } from "node:stream";

/** Where backups are kept: files by name, each there as a whole or not at all. */
export interface Store {
  /** For people. */
  readonly place: string;
  /** Names of the files in a folder, sorted. */
  list: (folder: string) => Promise<string[]>;
  /** Writes a file; a failure leaves nothing behind. */
  write: (name: string, content: Readable) => Promise<void>;
  /** @throws {Error} when there is no such file. */
  read: (name: string) => Promise<Readable>;
  remove: (name: string) => Promise<void>;
  /** Removes from a folder what a run that was killed has left half written. */
  sweep: (folder: string) => Promise<void>;
}
