import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { speedPage } from "../../bench/page.ts";
import { backupShape } from "../../components/spec/backup-shape.ts";
import { environmentShape } from "../../components/spec/environment-shape.ts";
import { jobShape } from "../../components/spec/job-shape.ts";
import { platformShape } from "../../components/spec/platform-shape.ts";
import { mountSettings } from "../../components/spec/mount-shape.ts";
import { routeSettings } from "../../components/spec/route-shape.ts";
import { serviceShape } from "../../components/spec/service-shape.ts";
import { volumeShape } from "../../components/spec/volume-shape.ts";
import type { FaultResult } from "../support/fault-results.ts";
import images from "../../images.json" with { type: "json" };

const read = (file: string) => readFile(new URL(`../../${file}`, import.meta.url), "utf8");

/** What stands in the first column of a document's tables, in code. */
function namesIn(markdown: string): string[] {
  const rows = markdown.split("\n").filter((line) => line.startsWith("|"));
  return rows.flatMap((row) => (row.split("|")[1] ?? "").match(/(?<=`)\w+(?=`)/g) ?? []);
}

describe("docs/specification.md", () => {
  it.each([
    ["environment", environmentShape],
    ["service", serviceShape],
    ["route", routeSettings],
    ["job", jobShape],
    ["platform", platformShape],
    ["mount", mountSettings],
    ["volume", volumeShape],
    ["relax", serviceShape.shape.relax.unwrap()],
  ])("lists every setting of %s", async (_of, { shape }) => {
    const names = namesIn(await read("docs/specification.md"));

    expect(Object.keys(shape).filter((setting) => !names.includes(setting))).toEqual([]);
  });
});

describe("docs/backups.md", () => {
  it("lists every setting of a backup", async () => {
    const names = namesIn(await read("docs/backups.md"));

    expect(Object.keys(backupShape.shape).filter((setting) => !names.includes(setting))).toEqual([]);
  });
});

describe("docs/faults.md", () => {
  it("shows what the last recorded run has printed, row by row", async () => {
    const rows = (await read("docs/faults.md")).split("\n").filter((line) => line.startsWith("|"));
    const shown = rows.slice(2).map((row) =>
      row
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
    const recorded = JSON.parse(await read("bench/results/faults.json")) as FaultResult[];
    const cells = ({ fault, recovery, result, requestsLost, requests, seconds }: FaultResult) => [
      fault,
      recovery,
      result,
      `${requestsLost} of ${requests}`,
      `${seconds} s`,
    ];
    expect(shown).toEqual(recorded.map(cells));
  });
});

describe("docs/speed.md", () => {
  it("shows what the benches printed last", async () => {
    expect(await read("docs/speed.md")).toBe(await speedPage());
  });
});

describe("README.md", () => {
  it("lists every setting that stacks/settings.ts reads, and no other", async () => {
    const source = await read("stacks/settings.ts");
    const fixed = [...source.matchAll(/(?:config\.\w+(?:<[^(]+>)?|port)\("(\w+)"/g)].map(([, name]) => name);
    const expected = [...fixed, ...Object.keys(images).map((name) => `${name}Image`)];

    expect([...new Set(namesIn(await read("README.md")))].sort()).toEqual(expected.sort());
  });
});
