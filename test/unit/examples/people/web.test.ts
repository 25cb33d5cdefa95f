import { describe, expect, it } from "vitest";
import type { Api } from "../../../../examples/people/web/src/api.ts";
import { readSettings } from "../../../../examples/people/web/src/settings.ts";
import { createSite } from "../../../../examples/people/web/src/site.ts";

const HOST = "people.test";

function siteOf(api: Partial<Api>) {
  const complaints: string[] = [];
  const site = createSite({
    api: { people: () => Promise.resolve([]), add: () => Promise.resolve(undefined), ...api },
    version: "1.2.3",
    complain: ({ message }) => complaints.push(message),
  });
  const post = (name: string, origin = `https://${HOST}`) =>
    site.request("/", { method: "POST", body: new URLSearchParams({ name }), headers: { host: HOST, origin } });
  return { site, post, complaints };
}

describe("the page of people", () => {
  it("shows everybody, whatever they are called", async () => {
    const people = () => Promise.resolve([{ id: 1, name: "<b>Bobby</b> & Co" }]);

    const answer = await siteOf({ people }).site.request("/");

    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain("<li>&lt;b&gt;Bobby&lt;/b&gt; &amp; Co</li>");
    expect(answer.headers.get("x-app-version")).toBe("1.2.3");
  });

  it("adds who is sent from its own form, and leads back", async () => {
    const added: string[] = [];
    const { post } = siteOf({ add: (name) => Promise.resolve(added.push(name)).then(() => undefined) });

    const answer = await post("Ada");

    expect([answer.status, answer.headers.get("location"), added]).toEqual([303, "/", ["Ada"]]);
  });

  it("takes nobody from the form of another site", async () => {
    expect((await siteOf({}).post("Eve", "https://evil.test")).status).toBe(403);
  });

  it("shows what the API has to say against somebody", async () => {
    const answer = await siteOf({ add: () => Promise.resolve("name: must be text") }).post("");

    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('<p role="alert">name: must be text</p>');
  });

  it("says so when the API does not answer, and lives on", async () => {
    const { site, complaints } = siteOf({ people: () => Promise.reject(new Error("the API answered 500")) });

    expect((await site.request("/")).status).toBe(502);
    expect(complaints).toEqual(["the API answered 500"]);
    expect((await site.request("/up")).status).toBe(200);
  });
});

it.each(["", "api"])("the address %j of an API is refused", (API) => {
  expect(() => readSettings({ API })).toThrow(
    `API: must be the address of the API, such as http://api:8080, got "${API}"`,
  );
});
