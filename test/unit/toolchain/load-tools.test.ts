import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { provideCompose } from "../../../toolchain/needs/compose.ts";
import { provideK6 } from "../../../toolchain/needs/k6.ts";
import { placesOf } from "../../../toolchain/places.ts";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "slipway-tools-"));
  vi.stubEnv("PATH", `${join(directory, "bin")}:/bin`);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(directory, { recursive: true });
});

const places = () => placesOf(directory, { SLIPWAY_CACHE: join(directory, "cache") });
const say = () => undefined;

async function program(path: string, output: string): Promise<string> {
  const file = join(directory, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `#!/bin/sh\necho "${output}"\n`, { mode: 0o755 });
  return file;
}

describe("k6", () => {
  it("is taken from PATH where its major version is the one that the scripts are written for", async () => {
    const installed = await program("bin/k6", "k6 v1.4.2 (go1.25.0, linux/amd64)");

    expect(await provideK6(places(), say)).toEqual({ program: installed, summary: "1.4.2, installed" });
  });

  it("is taken from the cache where that on PATH is of another major version", async () => {
    await program("bin/k6", "k6 v0.57.0 (commit/50afd82c18, go1.23.6, linux/amd64)");
    const cached = await program("cache/k6-1.8.1/k6", "k6 v1.8.1 (go1.25.11, linux/amd64)");

    expect(await provideK6(places(), say)).toEqual({ program: cached, summary: "1.8.1, cached" });
  });
});

describe("docker compose", () => {
  it("is the installed plugin where the docker command has it", async () => {
    const docker = await program("bin/docker", "v2.39.1");

    expect(await provideCompose(places(), say)).toEqual({
      command: [docker, "compose"],
      version: "2.39.1",
      summary: "2.39.1, installed",
    });
  });

  it("is taken from the cache where the docker command has no such plugin", async () => {
    await program("bin/docker", "docker: 'compose' is not a docker command.");
    const cached = await program("cache/compose-2.40.3/docker-compose", "Docker Compose version v2.40.3");

    expect(await provideCompose(places(), say)).toEqual({
      command: [cached],
      version: "2.40.3",
      summary: "2.40.3, cached",
    });
  });
});
