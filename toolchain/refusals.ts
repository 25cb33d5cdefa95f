import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** How long an official source that refused is not asked again. */
export const REFUSAL_HOURS = 24;

/**
 * Remembers on this machine which official sources did not answer, so that a second start does not wait for them again.
 * One empty file a source, whose time counts; the directory may be removed at any time.
 */
export class Refusals {
  /** Where the record is, for a message that names it. */
  readonly directory: string;

  constructor(cache: string) {
    this.directory = join(cache, "refused");
  }

  /** Tells whether the source refused within the last {@link REFUSAL_HOURS}. */
  async has(source: string): Promise<boolean> {
    const seen = await stat(this.fileOf(source)).catch(() => undefined);
    return seen !== undefined && Date.now() - seen.mtimeMs < REFUSAL_HOURS * 3_600_000;
  }

  /** Remembers that the source refused now. */
  async add(source: string): Promise<void> {
    await mkdir(this.directory, { recursive: true });
    await writeFile(this.fileOf(source), "");
  }

  private fileOf(source: string): string {
    return join(this.directory, encodeURIComponent(source));
  }
}
