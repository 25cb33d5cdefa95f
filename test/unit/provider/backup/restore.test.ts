import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { Demultiplexer } from "../../../../provider/backup/demultiplexer.ts";
import Docker from "dockerode";
import { refusalOf, replaceContent } from "../../../../provider/backup/restore.ts";
import type { Restorer } from "../../../../provider/backup/restorer.ts";

describe("a backup", () => {
  it.each([
    ["postgres", "15.18", "postgres", "15.2", undefined],
    ["postgres", "15.18", "postgres", "17.1", undefined],
    ["postgres", "17.1", "postgres", "15.18", "it is of postgres 17 and the server is the older 15"],
    ["mariadb", "10.11.19", "mariadb", "10.11.2", undefined],
    ["mariadb", "11.4.2", "mariadb", "10.11.19", "it is of mariadb 11.4 and the server is the older 10.11"],
    ["mariadb", "10.11.19", "postgres", "15.18", "it is of mariadb and the server is postgres"],
  ])("of %s %s in a server %s %s: %s", (engine, version, other, otherVersion, refusal) => {
    expect(refusalOf({ engine, version }, { engine: other, version: otherVersion })).toBe(refusal);
  });
});

describe("a restore that is stopped", () => {
  /** A server that notes what becomes of its databases; dropping one ends what fills it. */
  function server() {
    const done: string[] = [];
    const note = (word: string) => (_primary: unknown, name: string, fresh?: string) => {
      done.push(`${word} ${fresh ?? name}`);
      return Promise.resolve();
    };
    const restorer: Restorer = {
      ...{
        create: note("create"),
        load: note("load"),
        execute: note("execute"),
        swap: note("swap"),
        renew: note("renew"),
        drop: note("drop"),
      },
      version: () => Promise.resolve("15.1"),
      isEmpty: () => Promise.resolve(false),
    };
    return { done, target: { restorer, primary: new Docker().getContainer("main-1"), database: "main" } };
  }
  it("while it fills the fresh database removes that, and waits until nothing fills it any more", async () => {
    const { done, target } = server();
    const user = new AbortController();
    const filling = Promise.withResolvers<undefined>();
    const drop: Restorer["drop"] = async (primary, fresh) => {
      await target.restorer.drop(primary, fresh);
      setTimeout(() => {
        done.push("filling has ended");
        filling.reject(new Error("no such database"));
      });
    };
    const restored = replaceContent(
      { ...target, restorer: { ...target.restorer, drop } },
      () => {
        queueMicrotask(() => {
          user.abort(new Error("stopped by SIGINT"));
        });
        return filling.promise;
      },
      user.signal,
    );

    await expect(restored).rejects.toThrow("stopped by SIGINT");
    expect(done).toEqual(["create main_restore", "drop main_restore", "filling has ended"]);
  });

  it("while the fresh database takes the other's place goes through with it", async () => {
    const { done, target } = server();
    const user = new AbortController();
    const swap: Restorer["swap"] = (primary, database, fresh) => {
      user.abort(new Error("stopped by SIGINT"));
      return target.restorer.swap(primary, database, fresh);
    };
    await replaceContent({ ...target, restorer: { ...target.restorer, swap } }, () => Promise.resolve(), user.signal);

    expect(done).toEqual(["create main_restore", "swap main_restore"]);
  });
});

describe("what a container prints", () => {
  it("is put together from frames, however they are cut, and complaints are kept apart", async () => {
    const frame = (kind: number, content: string) => {
      const header = Buffer.alloc(8);
      header.writeUInt8(kind, 0);
      header.writeUInt32BE(content.length, 4);
      return Buffer.concat([header, Buffer.from(content)]);
    };
    const sent = Buffer.concat([frame(1, "one "), frame(2, "a complaint"), frame(1, ""), frame(1, "two")]);
    for (const size of [1, 3, 9, sent.length]) {
      const chunks = Array.from({ length: Math.ceil(sent.length / size) }, (_, n) =>
        sent.subarray(n * size, (n + 1) * size),
      );
      const output = Readable.from(chunks).pipe(new Demultiplexer());

      expect(await text(output)).toBe("one two");
      expect(output.complaints).toBe("a complaint");
    }
  });
});
