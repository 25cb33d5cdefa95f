import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll } from "vitest";

/** What a test says of an article; the rest is filled in. */
export interface TestArticle {
  language: string;
  slug: string;
  title?: string;
  summary?: string;
  published?: string;
  /** Markdown of the page; `undefined` leaves the page out. */
  text?: string;
}

const folders: string[] = [];

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** A fresh folder for one test; it goes when the file's tests are done. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "slipway-website-"));
  folders.push(folder);
  return folder;
}

/** Writes a data package into a folder, and returns the folder. */
export function writeDataPackage(directory: string, articles: TestArticle[]): string {
  mkdirSync(directory, { recursive: true });
  const database = new DatabaseSync(join(directory, "articles.sqlite"));
  database.exec("CREATE TABLE articles (language TEXT, slug TEXT, title TEXT, summary TEXT, published TEXT)");
  const insert = database.prepare("INSERT INTO articles VALUES (?, ?, ?, ?, ?)");
  for (const { language, slug, title = slug, summary = "", published = "2026-01-01", text } of articles) {
    insert.run(language, slug, title, summary, published);
    mkdirSync(join(directory, "pages", language), { recursive: true });
    if (text !== undefined) writeFileSync(join(directory, "pages", language, `${slug}.md`), text);
  }
  database.close();
  return directory;
}

/** Points `<volume>/current` to another version in one step, as the deploy tool does. */
export function switchTo(volume: string, version: string): void {
  symlinkSync(join("versions", version), join(volume, "next"));
  renameSync(join(volume, "next"), join(volume, "current"));
}
