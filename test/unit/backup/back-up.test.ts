import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { backUp } from "../../../backup/back-up.ts";
import { DirectoryStore } from "../../../backup/directory-store.ts";
import type { Engine } from "../../../backup/engine.ts";
import type { Table } from "../../../backup/manifest.ts";
import { prove } from "../../../backup/prove.ts";
import { Shelf } from "../../../backup/shelf.ts";

const TABLES: Table[] = [{ name: "people", rows: 2, checksum: "7" }];
const server = { socket: "/nowhere" };
let directory: string;
let store: DirectoryStore;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "backup-test-"));
  store = new DirectoryStore(directory);
});

afterEach(() => rm(directory, { recursive: true }));

/** A server of one database; what is restored from it is what it was loaded with. */
function engineOf(content: () => Readable, tables = TABLES): Engine & { loaded: string } {
  const engine = {
    name: "postgres" as const,
    loaded: "",
    dump: () =>
      Promise.resolve({
        ...{ version: "15.18", tool: "a tool", content: content(), position: undefined },
        tables: Promise.resolve(tables),
      }),
    startThrowaway: () => Promise.resolve({ server, stop: () => Promise.resolve() }),
    load: async (_server: unknown, _database: string, given: Readable) => {
      engine.loaded = await text(given);
    },
    tables: () => Promise.resolve(TABLES),
  };
  return engine;
}

const rows = () => Readable.from([Buffer.from("rows of people\n".repeat(1000))]);

function meansOf(engine: Engine, key?: string) {
  return { config: { key, keep: 7, keepDays: 0, scratch: directory }, engine, server, store };
}

describe("a backup", () => {
  it.each([
    ["plain", undefined, /^\(\ufffd\/\ufffd/],
    ["encrypted, so that age reads it", "correct horse", /^age-encryption\.org\/v1\n-> scrypt /],
  ])("is %s, and holds what was dumped", async (_how, key, head) => {
    const engine = engineOf(rows);
    const manifest = await backUp(meansOf(engine, key), "main");
    const stored = await readFile(join(directory, "main", manifest.file));

    expect(manifest).toMatchObject({
      size: stored.length,
      contentSize: 15_000,
      tables: TABLES,
      encrypted: Boolean(key),
    });
    expect(stored.toString()).toMatch(head);
    const [backup] = await new Shelf(store, "main").list();
    const proof = backup && (await prove(meansOf(engine, key), backup));
    expect(proof).toMatchObject({ ok: true, tables: 1, rows: 2 });
    expect(engine.loaded).toBe("rows of people\n".repeat(1000));
  });

  it("leaves nothing behind when the dump breaks off, and what was there stays", async () => {
    const earlier = await backUp(meansOf(engineOf(rows)), "main");
    async function* broken() {
      yield Buffer.from("rows");
      await Promise.reject(new Error("pg_dump ended with 1: connection lost"));
    }
    const failing = backUp(meansOf(engineOf(() => Readable.from(broken()))), "main");

    await expect(failing).rejects.toThrow("pg_dump ended with 1: connection lost");
    expect(await readdir(join(directory, "main"))).toEqual([earlier.file, `${earlier.id}.json`].sort());
  });

  it("removes what a run that was killed has left, and lists no backup without its manifest", async () => {
    await mkdir(join(directory, "main"));
    await writeFile(join(directory, "main/20200101T000000Z.dump.zst.unfinished"), "half");
    await writeFile(join(directory, "main/20200102T000000Z.dump.zst"), "whole, but not written down");
    await backUp(meansOf(engineOf(rows)), "main");

    expect((await readdir(join(directory, "main"))).filter((name) => name.endsWith(".unfinished"))).toEqual([]);
    expect(await new Shelf(store, "main").list()).toHaveLength(1);
  });
});

describe("a proof", () => {
  it("says that a file is damaged when one byte of it is", async () => {
    const { file, id } = await backUp(meansOf(engineOf(rows)), "main");
    const stored = await readFile(join(directory, "main", file));
    stored[20] = (stored[20] ?? 0) ^ 1;
    await writeFile(join(directory, "main", file), stored);
    const shelf = new Shelf(store, "main");
    const proof = await prove(meansOf(engineOf(rows)), await shelf.find(id));

    expect(proof.ok).toBe(false);
    expect(proof.fault).toMatch(/^\S+\.dump\.zst is not what was written: its SHA-256 is \w{12}…, it was \w{12}…$/);
    expect((await shelf.list()).map((backup) => backup.proof?.ok)).toEqual([false]);
  });

  it("names the table whose rows are not those that were backed up", async () => {
    const engine = engineOf(rows, [
      { name: "people", rows: 3, checksum: "7" },
      { name: "pets", rows: 1, checksum: "1" },
    ]);
    await backUp(meansOf(engine), "main");
    const { fault } = await prove(meansOf(engine), await new Shelf(store, "main").find(undefined));

    expect(fault).toBe("people has 2 rows, 3 were backed up; pets is missing");
  });

  it("says that the key is not the one", async () => {
    await backUp(meansOf(engineOf(rows), "correct horse"), "main");
    const { fault } = await prove(
      meansOf(engineOf(rows), "battery staple"),
      await new Shelf(store, "main").find(undefined),
    );

    expect(fault).toMatch(
      /^backup \S+ of main cannot be decrypted with the key that is configured: no identity matched any of the file's recipients$/,
    );
  });
});
