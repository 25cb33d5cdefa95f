import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { Demultiplexer } from "../../../../provider/backup/demultiplexer.ts";
import { refusalOf } from "../../../../provider/backup/restore.ts";

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
