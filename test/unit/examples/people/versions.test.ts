import { readFileSync } from "node:fs";
import { cp, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { migrations } from "../../../../examples/people/api/src/migrations/index.ts";

const ROOT = resolve(import.meta.dirname, "../../../..");
const PEOPLE = "examples/people";

interface Manifest {
  dependencies: Record<string, string>;
  devDependencies?: Record<string, string>;
}

const manifest = (folder: string) => JSON.parse(readFileSync(join(ROOT, folder, "package.json"), "utf8")) as Manifest;

it.each(["api", "web"])(
  "%s is checked at the root against the versions of the libraries that it runs on",
  (program) => {
    expect(manifest(".").devDependencies).toMatchObject(manifest(join(PEOPLE, program)).dependencies);
  },
);

describe("the second version", () => {
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "slipway-people-"));
    await cp(join(ROOT, PEOPLE), join(directory, PEOPLE), { recursive: true });
    await symlink(join(ROOT, "node_modules"), join(directory, "node_modules"));
    await execa("git", ["apply", join(ROOT, PEOPLE, "second-version.patch")], { cwd: directory });
  });

  afterAll(async () => {
    await rm(directory, { recursive: true });
  });

  const source = (root: string, migration: string) =>
    readFileSync(join(root, PEOPLE, `api/src/migrations/${migration}.ts`), "utf8");
  const second = async <T>(file: string) => (await import(join(directory, PEOPLE, file))) as T;

  it("changes no migration that has run, and adds one that the version before can live with", async () => {
    const { migrations: later } = await second<{ migrations: typeof migrations }>("api/src/migrations/index.ts");

    expect(Object.keys(later)).toEqual([...Object.keys(migrations), "0002-email"]);
    expect(source(directory, "0001-people")).toBe(source(ROOT, "0001-people"));
    // A column that may be empty: the version before goes on adding people without it.
    expect(source(directory, "0002-email")).toContain('table.string("email", 320).nullable();');
  });

  it("takes people with and without an address, as the version before sends them", async () => {
    const { readPerson } = await second<{ readPerson: (body: unknown) => unknown }>("api/src/people.ts");

    expect(readPerson({ name: "Ada" })).toEqual({ name: "Ada", email: null });
    expect(readPerson({ name: "Ada", email: "ada@example.org" })).toEqual({ name: "Ada", email: "ada@example.org" });
    expect(readPerson({ name: "Ada", email: "ada" })).toBe(
      "email: must be an address with an @ of at most 320 characters",
    );
  });

  it("passes the type checker", async () => {
    const options = ["--noEmit", "--strict", "--skipLibCheck", "--allowImportingTsExtensions", "--target", "es2024"];
    const files = ["api/src/main.ts", "api/src/migrate.ts", "web/src/main.ts"].map((file) => join(PEOPLE, file));
    const tsc = join(ROOT, "node_modules/.bin/tsc");
    const { exitCode, stdout } = await execa(tsc, [...options, "--module", "nodenext", "--types", "node", ...files], {
      cwd: directory,
      reject: false,
    });

    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "" });
  });
});
