import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Edition } from "../../../../examples/website/src/edition.ts";
import { temporaryFolder } from "./data-package.ts";

const ROOT = join(import.meta.dirname, "../../../..");
const WEBSITE = join(ROOT, "examples/website");

interface Manifest {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

function manifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}

it("is checked at the root against the versions of the libraries that it runs on", () => {
  const { dependencies, devDependencies } = manifest(WEBSITE);
  expect(manifest(ROOT).devDependencies).toMatchObject({ ...dependencies, ...devDependencies });
});

it("has a tool that adds an article, renames it and takes it away", () => {
  const data = temporaryFolder();
  const tool = (...args: string[]): void => {
    execFileSync(process.execPath, [join(WEBSITE, "data.ts"), "--data", data, ...args], { stdio: "pipe" });
  };
  const titles = (): string[] => {
    const edition = Edition.open(data);
    const found = edition.articles("fr").map(({ title, published }) => `${title} ${published}`);
    edition.close();
    return found;
  };

  tool("put", "fr", "phare", "--title", "Phare", "--summary", "Court.", "--published", "2026-02-03");
  expect(titles()).toEqual(["Phare 2026-02-03"]);
  expect(readFileSync(join(data, "pages/fr/phare.md"), "utf8")).toBe("Court.\n");
  tool("put", "fr", "phare", "--title", "Le phare", "--summary", "Court.", "--published", "2026-02-03");
  expect(titles()).toEqual(["Le phare 2026-02-03"]);
  tool("remove", "fr", "phare");
  expect(titles()).toEqual([]);
  expect(existsSync(join(data, "pages/fr/phare.md"))).toBe(false);
});
