import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { isLanguage, LANGUAGES, type Language } from "./languages.ts";

/** What the database says of one article. */
export interface Article {
  /** Last part of its address, the same in every language: small letters, digits and dashes. */
  slug: string;
  /** Title, plain text. */
  title: string;
  /** One or two sentences for the list of articles, plain text. */
  summary: string;
  /** Day of publication, `YYYY-MM-DD`. */
  published: string;
}

const COLUMNS = "slug, title, summary, published";
const SLUG = /^[a-z0-9]+(-[a-z0-9]+)*$/;

type Row = ReturnType<StatementSync["all"]>[number];

/** One version of the data: `articles.sqlite` lists the articles, `pages/<language>/<slug>.md` holds their text. */
export class Edition {
  /** Name of the database in the folder. */
  static readonly DATABASE = "articles.sqlite";

  /** Name of the folder: for a delivered data package the digest of its content. */
  readonly name: string;
  readonly #directory: string;
  readonly #database: DatabaseSync;
  // Prepared once: statements are freed by garbage collection, which does not see how much memory they hold.
  readonly #list: StatementSync;
  readonly #find: StatementSync;

  private constructor(directory: string) {
    this.name = basename(directory);
    this.#directory = directory;
    this.#database = openReadOnly(join(directory, Edition.DATABASE));
    this.#list = this.#database.prepare(
      `SELECT ${COLUMNS} FROM articles WHERE language = ? ORDER BY published DESC, slug`,
    );
    this.#find = this.#database.prepare(`SELECT ${COLUMNS} FROM articles WHERE language = ? AND slug = ?`);
  }

  /**
   * Opens a folder and checks it as a whole, so that no reader finds out later what is missing.
   *
   * @throws {Error} when the database cannot be read, or naming every article that has a fault.
   */
  static open(directory: string): Edition {
    const edition = new Edition(directory);
    try {
      edition.#check();
      return edition;
    } catch (error) {
      edition.close();
      throw error;
    }
  }

  /** The articles in one language, newest first. */
  articles(language: Language): Article[] {
    return this.#list.all(language).map(toArticle);
  }

  /** One article, if there is one in this language. */
  article(language: Language, slug: string): Article | undefined {
    const row = this.#find.get(language, slug);
    return row && toArticle(row);
  }

  /** The text of an article, Markdown. */
  text(language: Language, { slug }: Article): string {
    return readFileSync(this.#page(language, slug), "utf8");
  }

  /** The languages that an article exists in. */
  translations(slug: string): Language[] {
    return LANGUAGES.filter((language) => this.article(language, slug));
  }

  /** Closes the database. */
  close(): void {
    this.#database.close();
  }

  #page(language: string, slug: string): string {
    return join(this.#directory, "pages", language, `${slug}.md`);
  }

  #check(): void {
    const faults = this.#database
      .prepare(`SELECT language, ${COLUMNS} FROM articles`)
      .all()
      .flatMap((row) => this.#faultsOf(text(row, "language"), toArticle(row)));
    if (faults.length > 0) throw new Error(faults.join("\n"));
  }

  #faultsOf(language: string, { slug, published }: Article): string[] {
    const place = `${this.#directory}: article ${language}/${slug}`;
    if (!isLanguage(language)) return [`${place}: language must be one of ${LANGUAGES.join(", ")}, got "${language}"`];
    // The slug becomes part of a path.
    if (!SLUG.test(slug)) return [`${place}: slug must be small letters, digits and dashes, got "${slug}"`];
    const faults: string[] = [];
    if (Number.isNaN(Date.parse(published))) faults.push(`${place}: published must be YYYY-MM-DD, got "${published}"`);
    if (!existsSync(this.#page(language, slug))) faults.push(`${place}: pages/${language}/${slug}.md is missing`);
    return faults;
  }
}

/** `immutable`: on a read-only mount SQLite can make neither locks nor the files of a write-ahead log. */
function openReadOnly(path: string): DatabaseSync {
  const url = pathToFileURL(path);
  url.searchParams.set("immutable", "1");
  return new DatabaseSync(url, { readOnly: true });
}

function toArticle(row: Row): Article {
  return {
    slug: text(row, "slug"),
    title: text(row, "title"),
    summary: text(row, "summary"),
    published: text(row, "published"),
  };
}

function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== "string") throw new Error(`${Edition.DATABASE}: ${column} must be text, got ${typeof value}`);
  return value;
}
