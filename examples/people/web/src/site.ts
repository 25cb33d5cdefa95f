import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { csrf } from "hono/csrf";
import { HTTPException } from "hono/http-exception";
import { secureHeaders } from "hono/secure-headers";
import type { Api } from "./api.ts";
import { failurePage, peoplePage } from "./pages.ts";

const BODY_BYTES = 16 * 1024;

/** What the site is made of. */
export interface SiteParts {
  api: Api;
  /** Version of the program, sent with every answer as `x-app-version`. */
  version: string;
  /** Takes what went wrong. */
  complain: (error: Error) => void;
}

/** Makes the site: one page with everybody and a form. */
export function createSite({ api, version, complain }: SiteParts): Hono {
  const site = new Hono();
  const show = async (context: Context, status: 200 | 400, fault?: string) =>
    context.html(peoplePage(await api.people(), fault), status);

  site.use(async (context, next) => {
    await next();
    context.header("x-app-version", version);
    context.header("Cache-Control", "no-store");
  });
  site.use(
    secureHeaders({
      contentSecurityPolicy: { defaultSrc: ["'none'"], baseUri: ["'none'"], formAction: ["'self'"] },
      // Whoever ends TLS promises it: here that is the proxy.
      strictTransportSecurity: false,
    }),
  );
  // The proxy ends TLS, so a browser's origin has another scheme than the request has here.
  site.use(csrf({ origin: (origin, context) => URL.parse(origin)?.host === context.req.header("host") }));
  site.use(bodyLimit({ maxSize: BODY_BYTES }));

  site.get("/up", (context) => context.text("up"));
  site.get("/", (context) => show(context, 200));
  site.post("/", async (context) => {
    const { name } = await context.req.parseBody();
    const fault = await api.add(typeof name === "string" ? name : "");
    return fault === undefined ? context.redirect("/", 303) : show(context, 400, fault);
  });

  site.onError((error, context) => {
    if (error instanceof HTTPException) return error.getResponse();
    complain(error);
    return context.html(failurePage(), 502);
  });
  return site;
}
