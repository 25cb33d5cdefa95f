import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openLog } from "../../../../examples/website/src/log.ts";
import { temporaryFolder } from "./data-package.ts";

const FILE = `access-${hostname()}.log`;

describe("the request log", () => {
  it("writes the same JSON line to stdout and to the file", async () => {
    const directory = temporaryFolder();
    const printed: string[] = [];
    const log = openLog(directory, { print: (line) => printed.push(line) });
    log.write({ path: "/fr\n", status: 200 });
    await log.close();
    expect(readFileSync(join(directory, FILE), "utf8")).toBe(printed.join(""));
    expect(printed).toEqual([expect.stringMatching(/^{"time":"20[^"]+Z","path":"\/fr\\n","status":200}\n$/)]);
  });

  it("stays within its size, however much is written", async () => {
    const directory = temporaryFolder();
    const log = openLog(directory, { fileKb: 1, rotatedFiles: 2, print: () => undefined });
    for (let i = 0; i < 200; i++) log.write({ i, padding: "x".repeat(80) });
    await log.close();
    expect(readdirSync(directory).sort()).toEqual([FILE, `${FILE}.1`, `${FILE}.2`]);
    for (const name of readdirSync(directory)) expect(statSync(join(directory, name)).size).toBeLessThan(1300);
  });

  it("keeps the newest files of earlier containers, and touches no others", () => {
    const directory = temporaryFolder();
    ["access-a.log", "access-b.log", "access-b.log.1", "access-c.log", "notes.txt"].forEach((name, age) => {
      writeFileSync(join(directory, name), name);
      utimesSync(join(directory, name), 1_000_000 - age, 1_000_000 - age);
    });
    openLog(directory, { inheritedFiles: 2 });
    expect(readdirSync(directory).sort()).toEqual(["access-a.log", "access-b.log", "notes.txt"]);
  });

  it("goes on printing when the folder cannot be written, and says so once", async () => {
    const notAFolder = join(temporaryFolder(), "file");
    writeFileSync(notAFolder, "");
    const printed: string[] = [];
    const log = openLog(notAFolder, { print: (line) => printed.push(line) });
    log.write({ i: 1 });
    await expect.poll(() => printed.length).toBe(2);
    log.write({ i: 2 });
    await log.close();
    expect(printed).toHaveLength(3);
    expect(printed[1]).toContain("no log file for a minute: ENOTDIR");
    expect(printed[2]).toContain('"i":2');
  });
});
