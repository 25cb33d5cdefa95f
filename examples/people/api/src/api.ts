import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import { readPerson } from "./people.ts";
import type { People } from "./people.ts";

const LISTED = 100;
const BODY_BYTES = 16 * 1024;

/** What the API is made of. */
export interface ApiParts {
  people: People;
  /** Version of the program, sent with every answer as `x-app-version`. */
  version: string;
  /** Takes what went wrong. */
  complain: (error: Error) => void;
}

/** Makes the API: people can be listed, added, looked up and removed. */
export function createApi({ people, version, complain }: ApiParts): Hono {
  const api = new Hono();

  api.use(async (context, next) => {
    await next();
    context.header("x-app-version", version);
    context.header("Cache-Control", "no-store");
  });
  api.use(bodyLimit({ maxSize: BODY_BYTES }));

  // Not the database's health: one that is away for a moment is no reason to restart every program that uses it.
  api.get("/up", (context) => context.text("up"));
  api.get("/people", async (context) => context.json(await people.list(LISTED)));
  api.post("/people", async (context) => {
    const person = readPerson(await context.req.json().catch(() => undefined));
    if (typeof person === "string") return context.json({ error: person }, 400);
    return context.json(await people.add(person), 201);
  });
  api.get("/people/:id{[0-9]{1,15}}", async (context) => {
    const found = await people.find(Number(context.req.param("id")));
    return found ? context.json(found) : context.notFound();
  });
  api.delete("/people/:id{[0-9]{1,15}}", async (context) => {
    const wasThere = await people.remove(Number(context.req.param("id")));
    return wasThere ? context.body(null, 204) : context.notFound();
  });

  api.notFound((context) => context.json({ error: "there is nothing here" }, 404));
  api.onError((error, context) => {
    if (error instanceof HTTPException) return error.getResponse();
    complain(error);
    return context.json({ error: "something went wrong here" }, 500);
  });
  return api;
}
