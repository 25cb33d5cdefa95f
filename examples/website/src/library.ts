import { realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { Edition } from "./edition.ts";

/** The articles could not be read, and none had been read before. */
export class LibraryClosedError extends Error {}

/**
 * The articles as they are now. The folder may be a symbolic link that is switched to another version while the site runs:
 * each request takes one edition and reads nothing else, so that it sees the old version or the new one, never half of each.
 */
export class Library {
  readonly #directory: string;
  readonly #report: (fault: string) => void;
  #edition: Edition | undefined;
  #stamp: string | undefined;
  #fault: string | undefined;

  /** @param report is told once of each fault that keeps a new version from being served. */
  constructor(directory: string, report: (fault: string) => void) {
    this.#directory = directory;
    this.#report = report;
  }

  /**
   * The newest edition that is sound. It stays open at least until the next call.
   *
   * @throws {LibraryClosedError} when there has been none yet.
   */
  current(): Edition {
    try {
      this.#follow();
      this.#fault = undefined;
    } catch (error) {
      this.#reportOnce(error instanceof Error ? error.message : String(error));
    }
    if (!this.#edition) throw new LibraryClosedError(`${this.#directory}: no articles to serve`);
    return this.#edition;
  }

  /** Closes the database. */
  close(): void {
    this.#edition?.close();
    this.#edition = undefined;
    this.#stamp = undefined;
  }

  #follow(): void {
    const directory = realpathSync(this.#directory);
    // The time matters only where somebody edits the folder in place, as on a developer's machine.
    const stamp = `${directory} ${statSync(join(directory, Edition.DATABASE)).mtimeMs}`;
    if (stamp === this.#stamp) return;
    const next = Edition.open(directory);
    this.#edition?.close();
    this.#edition = next;
    this.#stamp = stamp;
  }

  #reportOnce(fault: string): void {
    if (fault === this.#fault) return;
    this.#fault = fault;
    this.#report(fault);
  }
}
