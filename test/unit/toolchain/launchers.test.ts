import { spawnSync } from "node:child_process";
import { chmod, copyFile, mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { standInLauncher } from "../../../toolchain/needs/plugins.ts";

const toolchain = join(import.meta.dirname, "../../../toolchain");
let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "slipway launchers-"));
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

async function writeProgram(file: string, text: string): Promise<void> {
  await mkdir(join(file, ".."), { recursive: true });
  await writeFile(file, text);
  await chmod(file, 0o755);
}

function run(file: string, args: string[], cwd?: string): string {
  return spawnSync(file, args, { encoding: "utf8", cwd }).stdout;
}

describe("launch-plugin", () => {
  const bundled = new Date("2026-01-02T00:00:00Z");
  const launch = () => run(join(root, "toolchain/launch-plugin"), ["slipway", "provider/main.ts", "127.0.0.1:1"]);

  beforeEach(async () => {
    await writeProgram(join(root, "node_modules/.bin/node"), `#!/bin/sh\necho "$@"\n`);
    await writeProgram(join(root, "provider/main.ts"), "");
    await mkdir(join(root, "toolchain/plugins"), { recursive: true });
    await writeFile(join(root, "package-lock.json"), "");
    await copyFile(join(toolchain, "launch-plugin"), join(root, "toolchain/launch-plugin"));
    await mkdir(join(root, ".slipway/bundles"), { recursive: true });
    const old = new Date("2026-01-01T00:00:00Z");
    for (const path of ["provider/main.ts", "provider", "toolchain/plugins", "package-lock.json"]) {
      await utimes(join(root, path), old, old);
    }
  });

  async function bundle(): Promise<void> {
    await writeFile(join(root, ".slipway/bundles/slipway.cjs"), "");
    await utimes(join(root, ".slipway/bundles/slipway.cjs"), bundled, bundled);
  }

  it("runs the bundle that is newer than every source", async () => {
    await bundle();
    expect(launch()).toBe(`${root}/.slipway/bundles/slipway.cjs 127.0.0.1:1\n`);
  });

  it("runs the source where nothing is bundled", () => {
    expect(launch()).toBe(`${root}/provider/main.ts 127.0.0.1:1\n`);
  });

  it.each(["provider/main.ts", "provider", "package-lock.json"])("runs the source when %s is newer", async (path) => {
    await bundle();
    await utimes(join(root, path), new Date("2026-01-03T00:00:00Z"), new Date("2026-01-03T00:00:00Z"));
    expect(launch()).toBe(`${root}/provider/main.ts 127.0.0.1:1\n`);
  });
});

describe("pulumi-language-nodejs", () => {
  beforeEach(async () => {
    await writeProgram(join(root, "bin/nodejs-host"), `#!/bin/sh\nprintf '[%s]' "$@"\n`);
    await copyFile(
      join(toolchain, "pulumi/language-host/pulumi-language-nodejs"),
      join(root, "bin/pulumi-language-nodejs"),
    );
  });

  const start = () => run(join(root, "bin/pulumi-language-nodejs"), ["127.0.0.1:1"], root);

  it("passes the runtime's options on as flags", async () => {
    await writeFile(
      join(root, "Pulumi.yaml"),
      "runtime:\n  options:\n    typescript: false\n    nodeargs: --require ./check.cjs\n",
    );
    expect(start()).toBe("[-typescript=false][-nodeargs=--require ./check.cjs][127.0.0.1:1]");
  });

  it("keeps the host's defaults where the project says nothing", () => {
    expect(start()).toBe("[-typescript=true][-nodeargs=][127.0.0.1:1]");
  });
});

it("writes a stand-in's launcher for a checkout whose path has spaces and quotes", () => {
  expect(standInLauncher("tls", "/home/o'neil/my repo")).toBe(
    `#!/bin/sh\nexec '/home/o'\\''neil/my repo/toolchain/launch-plugin' tls toolchain/plugins/tls/main.ts "$@"\n`,
  );
});

it("tells a plain pulumi command under an older Node what to do", () => {
  const pretend = `Object.defineProperty(process.versions, "node", { value: "20.1.0" });`;
  const guard = join(toolchain, "node-version.cjs");
  const { status, stderr } = spawnSync(process.execPath, ["-e", `${pretend} require(${JSON.stringify(guard)})`], {
    encoding: "utf8",
  });
  expect(status).toBe(1);
  expect(stderr).toContain('eval "$(npm run --silent env)"');
});
