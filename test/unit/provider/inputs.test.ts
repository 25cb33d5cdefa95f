import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { digestOf } from "../../../provider/data/directory.ts";
import { superfluous } from "../../../provider/local-images.ts";
import { checkInputs } from "../../../provider/plugin/inputs.ts";
import { UNKNOWN } from "../../../provider/plugin/resource.ts";
import type { Properties, ResourceContext } from "../../../provider/plugin/resource.ts";
import { release } from "../../../provider/release.ts";
import { releaseInputs } from "../../../provider/release/inputs.ts";

const context: ResourceContext = {
  urn: "",
  name: "web",
  config: {},
  signal: new AbortController().signal,
  randomSeed: new Uint8Array(),
  progress: () => undefined,
  info: () => undefined,
  warn: () => undefined,
};

const inputs = {
  namespace: "slipway",
  environment: "dev",
  service: "web",
  containers: ["web-1a2b"],
  port: 8080,
  hosts: ["web.test"],
  image: "web@sha256:0",
  version: "1.0.0",
  network: "dev",
};

describe("the check of inputs", () => {
  it("fills in defaults", () => {
    expect(checkInputs(releaseInputs, inputs)).toEqual({
      inputs: { ...inputs, drainSeconds: 30, gateSeconds: 60, pidsLimit: 200, allowRoot: false },
      faults: [],
    });
  });

  it("names every fault by its property", () => {
    const { faults } = checkInputs(releaseInputs, {
      ...inputs,
      hosts: ["Web.test", "web.test:8443"],
      containers: [],
      colour: "red",
    });
    expect(faults).toEqual([
      {
        property: "colour",
        reason: expect.stringContaining(
          "is no input of this resource; it has allowRoot, containers, drainSeconds",
        ) as string,
      },
      { property: "containers", reason: "must name at least one container" },
      {
        property: "hosts.0",
        reason: 'must be "host" or "host/path", the host in lower case, without a port or a trailing slash',
      },
      {
        property: "hosts.1",
        reason: 'must be "host" or "host/path", the host in lower case, without a port or a trailing slash',
      },
    ]);
  });

  it("refuses a health rhythm that no release could wait for", async () => {
    const check = async (given: Properties) => release.check?.(given, undefined, context);
    const news = { ...inputs, health: { path: "/", everySeconds: 60 } };
    expect((await check(news))?.faults).toEqual([
      {
        property: "health.everySeconds",
        reason: "must be less than gateSeconds = 60 s, got 60 s: no check could pass in time",
      },
    ]);
    expect((await check({ ...news, gateSeconds: 90 }))?.faults).toEqual([]);
  });

  it("lets what is not known yet pass, in lists as well", () => {
    const news = { ...inputs, containers: [UNKNOWN], image: UNKNOWN };
    expect(checkInputs(releaseInputs, news)).toMatchObject({ inputs: news, faults: [] });
  });
});

describe("a directory's digest", () => {
  it("follows the content, not the time or the umask", async () => {
    const directory = await mkdtemp(join(tmpdir(), "slipway-digest-"));
    const write = async (content: string, mode: number) => {
      await rm(join(directory, "a"), { recursive: true, force: true });
      await mkdir(join(directory, "a"));
      await writeFile(join(directory, "a/b.md"), content, { mode });
      return digestOf(directory);
    };
    const digest = await write("one", 0o600);
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(await write("one", 0o644)).toBe(digest);
    expect(await write("one", 0o755)).not.toBe(digest);
    expect(await write("two", 0o644)).not.toBe(digest);
    await rm(directory, { recursive: true });
  });
});

describe("superfluous images", () => {
  it("are the oldest beyond the number to keep, never the current one", () => {
    const images = [1, 2, 3, 4].map((created) => ({ created, references: [`web:v${created}`] }));
    expect(superfluous(images, "web:v1", 3).map(({ created }) => created)).toEqual([2]);
    expect(superfluous(images, "web:v4", 1).map(({ created }) => created)).toEqual([3, 2, 1]);
  });
});
