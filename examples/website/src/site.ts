import { Hono, type Context } from "hono";
import { accepts } from "hono/accepts";
import { etag } from "hono/etag";
import { secureHeaders } from "hono/secure-headers";
import { isLanguage, LANGUAGES, type Language } from "./languages.ts";
import { LibraryClosedError, type Library } from "./library.ts";
import type { Log } from "./log.ts";
import { articlePage, failurePage, listPage, notFoundPage } from "./pages.ts";
import { STYLE_HASH } from "./style.ts";

/** What the site is made of. */
export interface SiteParts {
  /** Where the articles are. */
  library: Library;
  /** Takes one entry for each request. */
  log: Log;
  /** Version of the program, sent with every answer as `x-app-version`. */
  version: string;
}

/** Makes the site: a redirect to a language, a list of articles for each language, and the articles. */
export function createSite({ library, log, version }: SiteParts): Hono {
  const site = new Hono({ strict: false });

  site.use(async (context, next) => {
    const start = performance.now();
    await next();
    const milliseconds = Math.round((performance.now() - start) * 10) / 10;
    const { method, path } = context.req;
    log.write({ level: "info", method, path, status: context.res.status, milliseconds, version });
  });
  site.use(async (context, next) => {
    await next();
    context.header("x-app-version", version);
  });
  site.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        styleSrc: [`'sha256-${STYLE_HASH}'`],
        imgSrc: ["'self'", "data:"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
      xFrameOptions: "DENY",
      // Whoever ends TLS promises it: here that is the proxy.
      strictTransportSecurity: false,
    }),
  );
  site.use(etag());
  site.use(async (context, next) => {
    await next();
    // Kept by browsers and asked after each time: an edited article shows at once, an unchanged one costs no body.
    context.header("Cache-Control", context.res.ok ? "public, no-cache" : "no-store");
  });

  site.get("/", (context) => {
    context.header("Vary", "Accept-Language");
    return context.redirect(`/${preferredLanguage(context)}`);
  });
  site.get("/:language", (context) => {
    const { language } = context.req.param();
    if (!isLanguage(language)) return context.notFound();
    const edition = library.current();
    context.header("x-data-version", edition.name);
    return context.html(listPage(language, edition.articles(language)));
  });
  site.get("/:language/:slug", (context) => {
    const { language, slug } = context.req.param();
    if (!isLanguage(language)) return context.notFound();
    const edition = library.current();
    context.header("x-data-version", edition.name);
    const article = edition.article(language, slug);
    if (!article) return context.notFound();
    return context.html(articlePage(language, article, edition.text(language, article), edition.translations(slug)));
  });

  site.on(["POST", "PUT", "PATCH", "DELETE"], "*", (context) => context.body(null, 405, { Allow: "GET, HEAD" }));

  site.notFound((context) => context.html(notFoundPage(languageOf(context)), 404));
  site.onError((error, context) => {
    log.write({ level: "error", message: error.message, path: context.req.path });
    const status = error instanceof LibraryClosedError ? 503 : 500;
    return context.html(failurePage(languageOf(context)), status);
  });
  return site;
}

/** The language of an address that names one, else the visitor's. */
function languageOf(context: Context): Language {
  const first = context.req.path.split("/")[1] ?? "";
  return isLanguage(first) ? first : preferredLanguage(context);
}

function preferredLanguage(context: Context): Language {
  const preferred = accepts(context, {
    header: "Accept-Language",
    supports: [...LANGUAGES],
    default: LANGUAGES[0],
    // `en-GB` is served by `en`, which Hono's own comparison does not see.
    match: (wanted, { default: fallback }) =>
      wanted
        .filter(({ q }) => q > 0)
        .sort((a, b) => b.q - a.q)
        .map(({ type }) => type.toLowerCase().split("-")[0] ?? "")
        .find(isLanguage) ?? fallback,
  });
  return isLanguage(preferred) ? preferred : LANGUAGES[0];
}
