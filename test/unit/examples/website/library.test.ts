import { rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeEach, describe, expect, it } from "vitest";
import { Edition } from "../../../../examples/website/src/edition.ts";
import { Library, LibraryClosedError } from "../../../../examples/website/src/library.ts";
import { switchTo, temporaryFolder, writeDataPackage } from "./data-package.ts";

const SHIPPED = join(import.meta.dirname, "../../../../examples/website/data");

describe("a library whose folder is switched while it is read", () => {
  let volume: string;
  let library: Library;
  let faults: string[];

  const write = (version: string, text: string | undefined = version): void => {
    writeDataPackage(join(volume, "versions", version), [{ language: "fr", slug: "a", title: version, text }]);
  };
  const read = (): [string, string, string] => {
    const edition = library.current();
    const article = edition.article("fr", "a");
    return [edition.name, article?.title ?? "", article ? edition.text("fr", article) : ""];
  };

  beforeEach(() => {
    volume = temporaryFolder();
    faults = [];
    library = new Library(join(volume, "current"), (fault) => faults.push(fault));
    write("one");
    switchTo(volume, "one");
  });

  it("serves the new version from the next request on", () => {
    expect(read()).toEqual(["one", "one", "one"]);
    write("two");
    expect(read()).toEqual(["one", "one", "one"]);
    switchTo(volume, "two");
    expect(read()).toEqual(["two", "two", "two"]);
  });

  it("goes on with the old database and pages in a request that began before the switch", () => {
    const edition = library.current();
    write("two");
    switchTo(volume, "two");
    const article = edition.article("fr", "a");
    expect(article?.title).toBe("one");
    expect(article && edition.text("fr", article)).toBe("one");
  });

  it("keeps the old version when a page of the new one is missing, and says so once", () => {
    read();
    writeDataPackage(join(volume, "versions", "two"), [{ language: "fr", slug: "a" }]);
    switchTo(volume, "two");
    expect([read(), read()]).toEqual([
      ["one", "one", "one"],
      ["one", "one", "one"],
    ]);
    expect(faults).toEqual([`${join(volume, "versions/two")}: article fr/a: pages/fr/a.md is missing`]);
  });

  it("keeps the old version when the new one is gone", () => {
    read();
    switchTo(volume, "nowhere");
    expect(read()).toEqual(["one", "one", "one"]);
    expect(faults).toHaveLength(1);
  });

  it("has nothing to serve until the first version is delivered", () => {
    rmSync(join(volume, "current"));
    expect(() => library.current()).toThrow(LibraryClosedError);
    switchTo(volume, "one");
    expect(read()).toEqual(["one", "one", "one"]);
  });

  it("sees a page that is edited in place", () => {
    read();
    writeFileSync(join(volume, "versions/one/pages/fr/a.md"), "edited");
    expect(read()).toEqual(["one", "one", "edited"]);
  });
});

describe("an edition", () => {
  it("names every article with a fault", () => {
    const directory = writeDataPackage(temporaryFolder(), [
      { language: "de", slug: "a", text: "" },
      { language: "fr", slug: "../a", text: "" },
      { language: "fr", slug: "b", published: "yesterday", text: "" },
      { language: "fr", slug: "c" },
    ]);
    expect(() => Edition.open(directory)).toThrow(
      [
        `${directory}: article de/a: language must be one of fr, en, got "de"`,
        `${directory}: article fr/../a: slug must be small letters, digits and dashes, got "../a"`,
        `${directory}: article fr/b: published must be YYYY-MM-DD, got "yesterday"`,
        `${directory}: article fr/c: pages/fr/c.md is missing`,
      ].join("\n"),
    );
  });

  it("reads a database that was left in write-ahead mode, without making files beside it", () => {
    const directory = writeDataPackage(temporaryFolder(), [{ language: "fr", slug: "a", text: "" }]);
    const database = new DatabaseSync(join(directory, Edition.DATABASE));
    database.exec("PRAGMA journal_mode = WAL");
    database.close();
    // A folder of this name in the way of the log makes SQLite fail as soon as it wants one.
    symlinkSync("/nonexistent/wal", join(directory, `${Edition.DATABASE}-wal`));
    expect(Edition.open(directory).articles("fr")).toHaveLength(1);
  });

  it("is sound in the repository: every article in both languages", () => {
    const edition = Edition.open(SHIPPED);
    const slugs = edition.articles("fr").map(({ slug }) => slug);
    expect(slugs).toEqual(["slipway", "morse", "plimsoll"]);
    expect(edition.articles("en").map(({ slug }) => slug)).toEqual(slugs);
  });
});
