import { describe, expect, it } from "vitest";
import { createApi } from "../../../../examples/people/api/src/api.ts";
import type { People, Person } from "../../../../examples/people/api/src/people.ts";
import { readSettings } from "../../../../examples/people/api/src/settings.ts";

/** People in memory. */
function peopleInMemory(): People {
  const kept: Person[] = [];
  return {
    add: (person) => {
      const added = { id: kept.length + 1, ...person };
      kept.push(added);
      return Promise.resolve(added);
    },
    find: (id) => Promise.resolve(kept.find((person) => person.id === id)),
    list: (most) => Promise.resolve(kept.toReversed().slice(0, most)),
    remove: (id) => {
      const index = kept.findIndex((person) => person.id === id);
      if (index >= 0) kept.splice(index, 1);
      return Promise.resolve(index >= 0);
    },
  };
}

function apiOf(people: People = peopleInMemory()) {
  const complaints: string[] = [];
  const api = createApi({ people, version: "1.2.3", complain: ({ message }) => complaints.push(message) });
  const ask = async (path: string, method = "GET", body?: string) => {
    const answer = await api.request(path, { method, body });
    return { status: answer.status, body: await answer.text(), headers: answer.headers };
  };
  return { ask, complaints };
}

describe("the API of people", () => {
  it("adds people, lists them with the newest first, finds and removes them", async () => {
    const { ask } = apiOf();

    expect(await ask("/people", "POST", '{"name":" Ada "}')).toMatchObject({
      status: 201,
      body: '{"id":1,"name":"Ada"}',
    });
    await ask("/people", "POST", '{"name":"Grace"}');
    expect((await ask("/people")).body).toBe('[{"id":2,"name":"Grace"},{"id":1,"name":"Ada"}]');
    expect((await ask("/people/1")).body).toBe('{"id":1,"name":"Ada"}');
    expect(await ask("/people/1", "DELETE")).toMatchObject({ status: 204, body: "" });
    expect((await ask("/people/1")).status).toBe(404);
    expect((await ask("/people/1", "DELETE")).status).toBe(404);
  });

  it("tells its version with every answer", async () => {
    expect((await apiOf().ask("/people")).headers.get("x-app-version")).toBe("1.2.3");
  });

  it.each([
    ["", "must be an object"],
    ["{", "must be an object"],
    ["[]", "name: must be text of 1 to 200 characters"],
    ['{"name":7}', "name: must be text of 1 to 200 characters"],
    ['{"name":"  "}', "name: must be text of 1 to 200 characters"],
    [JSON.stringify({ name: "x".repeat(201) }), "name: must be text of 1 to 200 characters"],
  ])("refuses %j", async (body, error) => {
    const answer = await apiOf().ask("/people", "POST", body);

    expect(answer).toMatchObject({ status: 400, body: JSON.stringify({ error }) });
  });

  it("refuses more than 16 KiB", async () => {
    expect((await apiOf().ask("/people", "POST", JSON.stringify({ name: "x".repeat(16_385) }))).status).toBe(413);
  });

  it.each(["/", "/people/x", "/people/1234567890123456"])("has nothing at %s", async (path) => {
    expect((await apiOf().ask(path)).status).toBe(404);
  });

  it("tells its log what went wrong, and a client nothing of it; its own health is another matter", async () => {
    const list = () => Promise.reject(new Error("connect ECONNREFUSED 10.0.0.2:3306"));
    const { ask, complaints } = apiOf({ ...peopleInMemory(), list });

    expect(await ask("/people")).toMatchObject({ status: 500, body: '{"error":"something went wrong here"}' });
    expect(complaints).toEqual(["connect ECONNREFUSED 10.0.0.2:3306"]);
    expect((await ask("/up")).status).toBe(200);
  });
});

describe("its settings", () => {
  const env = {
    DATABASE_HOST: "main",
    DATABASE_NAME: "people",
    DATABASE_USER: "api",
    DATABASE_PASSWORD_FILE: new URL("password", import.meta.url).pathname,
  };

  it.each([
    [{ DATABASE_HOST: "" }, "DATABASE_HOST: must be set"],
    [{ DATABASE_PORT: "0" }, 'DATABASE_PORT: must be an integer from 1 to 65535, got "0"'],
    [{ PORT: "web" }, 'PORT: must be an integer from 0 to 65535, got "web"'],
  ])("refuse %j", (change, message) => {
    expect(() => readSettings({ ...env, ...change })).toThrow(message);
  });
});
