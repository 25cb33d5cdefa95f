import { html, raw } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";
import { Marked } from "marked";
import type { Article } from "./edition.ts";
import { LANGUAGES, type Language } from "./languages.ts";
import { STYLE_ELEMENT } from "./style.ts";

type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

const WORDS = {
  fr: {
    name: "Français",
    tagline: "Carnet de bord d’un petit port",
    back: "Tous les articles",
    skip: "Aller au contenu",
    languages: "Langues",
    notFound: "Page introuvable",
    notFoundText: "Aucun article ne répond à cette adresse.",
    failure: "Le site est à quai",
    failureText: "Les articles ne peuvent pas être lus en ce moment. Revenez dans un instant.",
  },
  en: {
    name: "English",
    tagline: "Logbook of a small harbour",
    back: "All articles",
    skip: "Skip to content",
    languages: "Languages",
    notFound: "Page not found",
    notFoundText: "No article answers at this address.",
    failure: "The site is in dock",
    failureText: "The articles cannot be read at the moment. Please come back in an instant.",
  },
} satisfies Record<Language, unknown>;

// Made once: each formatter holds tens of kilobytes that garbage collection does not see.
const DAY = {
  fr: new Intl.DateTimeFormat("fr-FR", { dateStyle: "long", timeZone: "UTC" }),
  en: new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" }),
} satisfies Record<Language, unknown>;

/** Tags in an article's text are shown, not obeyed: who may edit articles may not thereby run scripts at readers. */
const markdown = new Marked({
  renderer: { html: ({ text }) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;") },
});

/** The list of articles in one language. */
export function listPage(language: Language, articles: Article[]): Html {
  const items = articles.map(
    (article) => html`
      <li>
        <h2><a href="/${language}/${article.slug}">${article.title}</a></h2>
        ${day(language, article.published)}
        <p>${article.summary}</p>
      </li>
    `,
  );
  const { tagline } = WORDS[language];
  return layout({
    language,
    title: `Escale – ${tagline}`,
    translations: LANGUAGES,
    path: "",
    main: html`
      <h1>${tagline}</h1>
      <ul class="articles">
        ${items}
      </ul>
    `,
  });
}

/** One article, with links to the same article in other languages. */
export function articlePage(language: Language, article: Article, text: string, translations: Language[]): Html {
  return layout({
    language,
    title: `${article.title} – Escale`,
    description: article.summary,
    translations,
    path: `/${article.slug}`,
    main: html`
      <article>
        <h1>${article.title}</h1>
        ${day(language, article.published)} ${raw(markdown.parse(text, { async: false }))}
      </article>
      <p><a href="/${language}">← ${WORDS[language].back}</a></p>
    `,
  });
}

/** What answers an address without an article. */
export function notFoundPage(language: Language): Html {
  const { notFound, notFoundText } = WORDS[language];
  return notice(language, notFound, notFoundText);
}

/** What is shown when no articles can be read. */
export function failurePage(language: Language): Html {
  const { failure, failureText } = WORDS[language];
  return notice(language, failure, failureText);
}

function notice(language: Language, title: string, text: string): Html {
  const main = html`
    <h1>${title}</h1>
    <p>${text}</p>
    <p><a href="/${language}">← ${WORDS[language].back}</a></p>
  `;
  return layout({ language, title: `${title} – Escale`, translations: LANGUAGES, path: "", main });
}

interface Layout {
  language: Language;
  title: string;
  description?: string;
  /** Languages that the page exists in, at the same path below the language. */
  translations: readonly Language[];
  path: string;
  main: Html;
}

function layout({ language, title, description, translations, path, main }: Layout): Html {
  const words = WORDS[language];
  const others = translations.filter((other) => other !== language);
  return html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="description" content="${description ?? words.tagline}" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        ${translations.map((other) => html`<link rel="alternate" hreflang="${other}" href="/${other}${path}" />`)}
        ${raw(STYLE_ELEMENT)}
      </head>
      <body>
        <a class="skip" href="#main">${words.skip}</a>
        <header>
          <a class="name" href="/${language}">Escale</a>
          <nav aria-label="${words.languages}">
            ${others.map(
              (other) => html`<a href="/${other}${path}" hreflang="${other}" lang="${other}">${WORDS[other].name}</a>`,
            )}
          </nav>
        </header>
        <main id="main">${main}</main>
        <footer><p>${words.tagline}</p></footer>
      </body>
    </html>`;
}

function day(language: Language, published: string): Html {
  return html`<time datetime="${published}">${DAY[language].format(new Date(published))}</time>`;
}
