import { afterAll, beforeAll, expect, it } from "vitest";
import { createPeopleEnvironment } from "../support/people.ts";
import type { PeopleEnvironment } from "../support/people.ts";
import { request } from "../support/request.ts";
import { startVisitor } from "../support/visitor.ts";
import { createWorkspace } from "../support/workspace.ts";
import type { Workspace } from "../support/workspace.ts";

const HOST = "people.localhost";
const COLUMNS =
  "SELECT column_name FROM information_schema.columns WHERE table_schema = 'main' AND table_name = 'people' ORDER BY 1";

let workspace: Workspace;
let people: PeopleEnvironment;
let authority: string;

beforeAll(async () => {
  workspace = await createWorkspace();
  people = await createPeopleEnvironment(workspace);
  authority = String((await workspace.outputs("platform")).ca);
});

afterAll(async () => {
  await workspace.remove();
});

/** Sends the page's form, as a browser does. */
async function add(form: Record<string, string>): Promise<number> {
  const address = `https://${HOST}:${workspace.ports.https}`;
  const { stdout } = await workspace.run("curl", [
    ...["--silent", "--output", "/dev/null", "--write-out", "%{http_code}", "--insecure"],
    ...["--resolve", `${HOST}:${workspace.ports.https}:127.0.0.1`, "--header", `Origin: ${address}`],
    ...Object.entries(form).flatMap(([name, value]) => ["--data-urlencode", `${name}=${value}`]),
    address,
  ]);
  return Number(stdout);
}

const page = async () => (await workspace.get(HOST)).body;

/** Runs something while the page, which asks the API and the database, is asked ten times a second. */
async function lostDuring(action: () => Promise<void>): Promise<number> {
  const since = Date.now();
  const end = startVisitor((signal) =>
    request({ host: HOST, port: workspace.ports.https, path: "/", authority, signal }),
  );
  await action();
  return (await end(since)).lost;
}

it("shows who was added, through the page, the API and the database", async () => {
  expect(await add({ name: "Ada <Lovelace>" })).toBe(303);

  expect(await page()).toContain("<li>Ada &lt;Lovelace&gt;</li>");
  expect(await people.query("SELECT name FROM people")).toEqual(["Ada <Lovelace>"]);
});

it("gives the API rows alone, and the schema to the job that changes it", async () => {
  const rightsOf = async (login: string) => {
    const grants = await people.query(`SHOW GRANTS FOR '${login}'@'%'`);
    return grants.join("\n");
  };

  expect(await rightsOf("api")).toMatch(/GRANT SELECT, INSERT, UPDATE, DELETE\b.* ON `main`\.\*/);
  expect(await rightsOf("api")).not.toMatch(/\b(ALTER|CREATE|DROP|INDEX),|ALL PRIVILEGES/);
  expect(await rightsOf("migrate")).toMatch(/\bALTER\b|ALL PRIVILEGES ON `main`/);
});

it("changes nothing on a second up, and no migration runs", async () => {
  const { exitCode, output } = await people.deploy("--expect-no-changes");

  expect(exitCode, output).toBe(0);
  expect(output).not.toContain("migrate:");
});

it("has a migration that fails end the up, while the first version serves on", async () => {
  const file = "examples/people/api/src/migrations/index.ts";
  const broken = `  "0002-broken": { up: (database) => database.schema.raw("UPDATE people SET nickname = name"), down: () => Promise.resolve() },\n`;
  await workspace.edit(file, (text) => text.replace("};\n", `${broken}};\n`));

  const lost = await lostDuring(async () => {
    const { exitCode, output } = await people.deploy();
    expect(output).toContain("job migrate exited with code 1;");
    expect(output).toContain("Unknown column 'nickname' in");
    expect(exitCode).not.toBe(0);
  });
  await workspace.edit(file, (text) => text.replace(broken, ""));

  expect(lost).toBe(0);
  expect(await add({ name: "Grace" })).toBe(303);
  expect(await page()).toContain("<li>Grace</li>");
});

it("takes on a column in its second version, for which nobody waits", async () => {
  await people.applySecondVersion();

  const lost = await lostDuring(async () => {
    const { exitCode, output } = await people.deploy();
    expect(exitCode, output).toBe(0);
    expect(output).toContain("migrate: migrated: 0002-email");
  });

  expect(lost).toBe(0);
  expect(await people.query(COLUMNS)).toEqual(["created_at", "email", "id", "name"]);
  expect(await add({ name: "Joan", email: "joan@example.org" })).toBe(303);
  expect(await page()).toMatch(/<li>Joan \(joan@example\.org\)<\/li>\s*<li>Grace<\/li>\s*<li>Ada/);
});

it("goes back to its first version on the schema of the second", async () => {
  const { exitCode, output } = await workspace.run("node", ["toolchain/cli.ts", "rollback", "-s", "people", "api"]);

  expect(exitCode, output).toBe(0);
  expect(output).not.toContain("migrate:");
  expect(await add({ name: "Edith" })).toBe(303);
  expect(await people.query("SELECT name, email FROM people ORDER BY id DESC LIMIT 2")).toEqual([
    "Edith\tNULL",
    "Joan\tjoan@example.org",
  ]);
});
