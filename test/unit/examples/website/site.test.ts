import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { Library } from "../../../../examples/website/src/library.ts";
import { createSite } from "../../../../examples/website/src/site.ts";
import { temporaryFolder, writeDataPackage } from "./data-package.ts";

const ARTICLES = [
  {
    language: "fr",
    slug: "phare",
    title: "Le phare",
    summary: "Une lumière",
    published: "2026-03-01",
    text: "Il **brille**.",
  },
  { language: "en", slug: "phare", title: "The lighthouse", published: "2026-03-01", text: "It *shines*." },
  { language: "fr", slug: "quai", title: "Le quai", published: "2026-04-02", text: "Pierre." },
];

let entries: Record<string, unknown>[];

function siteOn(directory: string): ReturnType<typeof createSite> {
  entries = [];
  const write = (entry: Record<string, unknown>): void => void entries.push(entry);
  const library = new Library(directory, (message) => {
    write({ message });
  });
  return createSite({ library, version: "1.2.3", log: { write, close: () => Promise.resolve() } });
}

describe("the site", () => {
  let site: ReturnType<typeof createSite>;
  const get = async (path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Response> =>
    site.request(path, { headers, method });
  const body = async (path: string): Promise<string> => (await get(path)).text();

  beforeEach(() => {
    site = siteOn(writeDataPackage(join(temporaryFolder(), "v1"), ARTICLES));
  });

  it.each([
    ["", "/fr"],
    ["en", "/en"],
    ["en-GB", "/en"],
    ["de, EN-us;q=0.7, fr;q=0.3", "/en"],
    ["fr;q=0.2, en;q=0.9", "/en"],
    ["en;q=0, fr", "/fr"],
    ["de", "/fr"],
    ["*", "/fr"],
  ])("sends a visitor who accepts '%s' to %s", async (accepted, location) => {
    const response = await get("/", { "Accept-Language": accepted });
    expect(response.status).toBe(302);
    expect(response.headers.get("location")).toBe(location);
    expect(response.headers.get("vary")).toBe("Accept-Language");
  });

  it("lists the articles of a language, newest first", async () => {
    const list = await body("/fr");
    expect(list).toContain('<html lang="fr">');
    expect(list.indexOf("/fr/quai")).toBeGreaterThan(-1);
    expect(list.indexOf("/fr/quai")).toBeLessThan(list.indexOf("/fr/phare"));
    expect(list).toContain("Une lumière");
    expect(list).toContain('<time datetime="2026-04-02">2 avril 2026</time>');
    expect(await body("/en")).toContain("The lighthouse");
  });

  it("shows an article's Markdown and its translation", async () => {
    const page = await body("/en/phare");
    expect(page).toContain("<h1>The lighthouse</h1>");
    expect(page).toContain("<p>It <em>shines</em>.</p>");
    expect(page).toContain('<time datetime="2026-03-01">1 March 2026</time>');
    expect(page).toContain('<link rel="alternate" hreflang="fr" href="/fr/phare" />');
  });

  it("offers no translation that there is not", async () => {
    expect(await body("/fr/quai")).not.toContain("/en/quai");
  });

  it.each(["/fr/nothing", "/en/quai", "/de", "/de/phare", "/fr/phare/more", "/fr/..%2Fv1%2Fphare", "/favicon.ico"])(
    "answers 404 at %s",
    async (path) => {
      for (const method of ["GET", "HEAD"]) expect((await get(path, {}, method)).status).toBe(404);
    },
  );

  it("speaks the visitor's language on the 404 page", async () => {
    expect(await body("/en/nothing")).toContain("<h1>Page not found</h1>");
    expect(await body("/fr/nothing")).toContain("<h1>Page introuvable</h1>");
  });

  it("answers HEAD like GET, without a body", async () => {
    const [head, full] = [await get("/fr", {}, "HEAD"), await get("/fr")];
    expect(head.status).toBe(200);
    expect(head.headers.get("etag")).toBe(full.headers.get("etag"));
    expect(await head.text()).toBe("");
  });

  it("refuses to be written to", async () => {
    const response = await get("/fr", {}, "POST");
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });

  it("names the versions of program and data", async () => {
    const { headers } = await get("/fr/phare");
    expect(headers.get("x-app-version")).toBe("1.2.3");
    expect(headers.get("x-data-version")).toBe("v1");
  });

  it("answers 304 to a browser that has the page", async () => {
    const { headers } = await get("/fr");
    expect(headers.get("cache-control")).toBe("public, no-cache");
    const again = await get("/fr", { "If-None-Match": headers.get("etag") ?? "" });
    expect([again.status, await again.text()]).toEqual([304, ""]);
  });

  it("lets no script run and no other site frame it", async () => {
    const { headers } = await get("/fr");
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]+='; /);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });

  it("logs one entry for each request, without the query", async () => {
    await get("/fr/phare?token=x");
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({ method: "GET", path: "/fr/phare", status: 200, version: "1.2.3" });
  });
});

it("shows tags in titles, summaries and texts instead of obeying them", async () => {
  const evil = '<script>alert("1")</script>';
  const article = { language: "en", slug: "evil", title: evil, summary: evil, text: `a ${evil}\n\n${evil}\n` };
  const site = siteOn(writeDataPackage(temporaryFolder(), [article]));
  for (const path of ["/en", "/en/evil"]) {
    const page = await (await site.request(path)).text();
    expect(page).toContain("&lt;script");
    expect(page).not.toContain("<script");
  }
});

it("answers 503, not to be cached, while there are no articles to read", async () => {
  const site = siteOn(join(temporaryFolder(), "missing"));
  const response = await site.request("/fr");
  expect([response.status, response.headers.get("cache-control")]).toEqual([503, "no-store"]);
  expect(await response.text()).toContain("Le site est à quai");
});
