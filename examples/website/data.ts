import { existsSync, mkdirSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { parseArgs } from "node:util";

const USAGE = `Edits the list of articles. The text of an article is edited in pages/<language>/<slug>.md.

  node data.ts list
  node data.ts put <language> <slug> --title <text> --summary <text> [--published YYYY-MM-DD]
  node data.ts remove <language> <slug>

  --data <folder>   the data package (default: the folder "data" beside this file)
`;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS articles (
    language  TEXT NOT NULL CHECK (language IN ('fr', 'en')),
    slug      TEXT NOT NULL CHECK (slug NOT GLOB '*[^a-z0-9-]*' AND slug GLOB '[a-z0-9]*'),
    title     TEXT NOT NULL,
    summary   TEXT NOT NULL,
    published TEXT NOT NULL CHECK (published IS date(published)),
    PRIMARY KEY (language, slug)
  ) STRICT, WITHOUT ROWID
`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: "string", default: join(import.meta.dirname, "data") },
    title: { type: "string" },
    summary: { type: "string" },
    published: { type: "string", default: new Date().toISOString().slice(0, 10) },
  },
});
const [verb, language, slug] = positionals;

mkdirSync(values.data, { recursive: true });
const database = new DatabaseSync(join(values.data, "articles.sqlite"));
database.exec(SCHEMA);

if (verb === "list") list();
else if (verb === "put" && language && slug && values.title && values.summary) {
  put(language, slug, values.title, values.summary);
} else if (verb === "remove" && language && slug) remove(language, slug);
else {
  process.stderr.write(USAGE);
  process.exitCode = 2;
}
database.close();

function list(): void {
  console.table(database.prepare("SELECT * FROM articles ORDER BY published DESC, slug, language").all());
}

function put(language: string, slug: string, title: string, summary: string): void {
  database
    .prepare("INSERT OR REPLACE INTO articles (language, slug, title, summary, published) VALUES (?, ?, ?, ?, ?)")
    .run(language, slug, title, summary, values.published);
  const page = pagePath(language, slug);
  if (existsSync(page)) return;
  mkdirSync(dirname(page), { recursive: true });
  writeFileSync(page, `${summary}\n`);
  console.log(`${page}: write the article here`);
}

function remove(language: string, slug: string): void {
  database.prepare("DELETE FROM articles WHERE language = ? AND slug = ?").run(language, slug);
  const page = pagePath(language, slug);
  if (existsSync(page)) unlinkSync(page);
}

function pagePath(language: string, slug: string): string {
  return join(values.data, "pages", language, `${slug}.md`);
}
