import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type { z } from "zod";
import { decode } from "./codec.ts";
import { describe } from "./describe.ts";
import { manifestShape, proofShape } from "./manifest.ts";
import type { Backup, Manifest, Proof } from "./manifest.ts";
import type { Store } from "./store.ts";

const MANIFEST = ".json";
const PROOF = ".proof.json";

/** The backups of one database in a store: `<database>/<id>.<…>` with what is known of each beside it. */
export class Shelf {
  private readonly store: Store;
  private readonly database: string;

  constructor(store: Store, database: string) {
    this.store = store;
    this.database = database;
  }

  /** Oldest first. */
  async list(): Promise<Backup[]> {
    const names = await this.store.list(this.database);
    const manifests = names.filter((name) => name.endsWith(MANIFEST) && !name.endsWith(PROOF));
    const found = manifests.map(async (name): Promise<Backup[]> => {
      const manifest = await this.readAs(manifestShape, name);
      if (!manifest) return [];
      const proofName = `${manifest.id}${PROOF}`;
      const proof = names.includes(proofName) ? await this.readAs(proofShape, proofName) : undefined;
      return [{ ...manifest, ...(proof && { proof }) }];
    });
    return (await Promise.all(found)).flat();
  }

  /** One that is named, else the newest, of the dumps. @throws {Error} naming those there are. */
  async find(id: string | undefined): Promise<Backup> {
    const dumps = (await this.list()).filter(({ kind }) => kind === "dump");
    const found = id === undefined ? dumps.at(-1) : dumps.find((backup) => backup.id === id);
    if (found) return found;
    const there = dumps.length === 0 ? "there is none" : `there are: ${dumps.map((each) => each.id).join(", ")}`;
    throw new Error(
      `no backup ${id === undefined ? "" : `"${id}" `}of ${this.database} in ${this.store.place}; ${there}`,
    );
  }

  /** A name that no backup has yet: two may begin in the same second. */
  async unused(id: string): Promise<string> {
    const taken = await this.store.list(this.database);
    const isTaken = (name: string) => taken.some((file) => file.startsWith(`${name}.`));
    let name = id;
    for (let count = 2; isTaken(name); count++) name = `${id}-${count}`;
    return name;
  }

  /** Writes a backup's file. */
  write(file: string, content: Readable): Promise<void> {
    return this.store.write(this.path(file), content);
  }

  /** Writes down a backup whose file is there. From now on it is one. */
  add(manifest: Manifest): Promise<void> {
    return this.writeJson(`${manifest.id}${MANIFEST}`, manifest);
  }

  /** Stores a proof's result beside its backup. */
  addProof(id: string, proof: Proof): Promise<void> {
    return this.writeJson(`${id}${PROOF}`, proof);
  }

  /** A backup's file as it is stored. */
  readStored({ file }: Manifest): Promise<Readable> {
    return this.store.read(this.path(file));
  }

  /** What a backup's file holds. @throws {Error} when it is encrypted and there is no key. */
  async readContent(manifest: Manifest, key: string | undefined): Promise<Readable> {
    if (manifest.encrypted && key === undefined) {
      throw new Error(`backup ${manifest.id} of ${this.database} is encrypted, and no key is configured`);
    }
    const stored = await this.readStored(manifest);
    return decode(stored, manifest.encrypted ? key : undefined).catch((error: unknown) => {
      stored.destroy();
      throw new Error(
        `backup ${manifest.id} of ${this.database} cannot be decrypted with the key that is configured: ${describe(error)}`,
      );
    });
  }

  /** Removes a backup: first what makes it one. */
  async remove({ id, file }: Manifest): Promise<void> {
    for (const name of [`${id}${MANIFEST}`, `${id}${PROOF}`, file]) await this.store.remove(this.path(name));
  }

  /** Removes what runs that were killed have left half written. */
  sweep(): Promise<void> {
    return this.store.sweep(this.database);
  }

  /** Removes a file that never became a backup. */
  discard(file: string): Promise<void> {
    return this.store.remove(this.path(file));
  }

  /** What a file says; undefined for one that is damaged, of which the others are no worse. */
  private async readAs<T>(shape: z.ZodType<T>, name: string): Promise<T | undefined> {
    const written = await text(await this.store.read(this.path(name)));
    try {
      return shape.parse(JSON.parse(written));
    } catch {
      process.stderr.write(`${this.store.place}/${this.path(name)} cannot be read and is left out\n`);
      return undefined;
    }
  }

  private writeJson(name: string, value: unknown): Promise<void> {
    return this.write(name, Readable.from([Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`)]));
  }

  private path(name: string): string {
    return `${this.database}/${name}`;
  }
}
