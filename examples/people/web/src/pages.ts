import { html } from "hono/html";
import type { Person } from "./api.ts";

type Page = ReturnType<typeof html>;

/** Everybody, and a form for one more. */
export function peoplePage(people: readonly Person[], fault?: string): Page {
  return page(html`
    <form method="post">
      <label>Name <input name="name" required maxlength="200" /></label>
      <button>Add</button>
      ${fault === undefined ? "" : html`<p role="alert">${fault}</p>`}
    </form>
    <ul>
      ${people.map(({ name }) => html`<li>${name}</li>`)}
    </ul>
  `);
}

/** What is shown while the API does not answer. */
export function failurePage(): Page {
  return page(html`<p role="alert">People cannot be shown at the moment. Please try again.</p>`);
}

function page(content: Page): Page {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>People</title>
      </head>
      <body>
        <h1>People</h1>
        ${content}
      </body>
    </html>`;
}
