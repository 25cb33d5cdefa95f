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
      inputs: {
        ...inputs,
        sticky: false,
        keepReleases: 5,
        drainSeconds: 30,
        gateSeconds: 60,
        steadySeconds: 3,
        stopSeconds: 10,
        pidsLimit: 200,
        allowRoot: false,
        rules: [],
      },
      faults: [],
    });
  });

  it("names every fault by its property", () => {
    const { faults } = checkInputs(releaseInputs, {
      ...inputs,
      hosts: ["Web.test", "web.test:https"],
      containers: [],
      colour: "red",
    });
    expect(faults).toEqual([
      {
        property: "colour",
        reason: expect.stringContaining(
          "is no input of this resource; it has allowRoot, commit, containers, drainSeconds",
        ) as string,
      },
      { property: "containers", reason: "must name at least one container" },
      {
        property: "hosts.0",
        reason:
          'must be "host" or "host/path", the host in lower case, with or without a port, without a trailing slash',
      },
      {
        property: "hosts.1",
        reason:
          'must be "host" or "host/path", the host in lower case, with or without a port, without a trailing slash',
      },
    ]);
  });

  it("refuses a release behind the proxy without a port, and a health check that asks in two ways or none", async () => {
    const faultsOf = async (more: Properties) =>
      (await release.check?.({ ...inputs, ...more }, undefined, context))?.faults;
    expect(await faultsOf({ port: undefined })).toEqual([
      { property: "port", reason: "must be set with hosts or internalPort: the proxy needs to know it" },
    ]);
    expect(await faultsOf({ port: undefined, hosts: [] })).toEqual([]);
    const either = [{ property: "health", reason: "must have either path or command" }];
    expect(await faultsOf({ health: { path: "/", command: ["true"] } })).toEqual(either);
    expect(await faultsOf({ health: {} })).toEqual(either);
  });

  it("sees no change in another commit of the same image", () => {
    const olds = { inputs: { ...inputs, commit: "1a" }, state: {} };
    expect(release.diff?.(olds, { ...inputs, commit: "2b" }, context).changed).toEqual([]);
    expect(release.diff?.(olds, { ...inputs, commit: "2b", image: "web@sha256:1" }, context).changed).toEqual([
      "commit",
      "image",
    ]);
  });

  it("announces the outage of a service whose only container is stopped first", () => {
    const warnings: string[] = [];
    const warn = (message: string) => warnings.push(message);
    const olds = { inputs: { ...inputs, rolling: 1 }, state: {} };
    release.diff?.(olds, { ...inputs, rolling: 1, containers: [UNKNOWN] }, { ...context, warn });
    release.diff?.(olds, { ...inputs, rolling: 1, version: "2" }, { ...context, warn });
    expect(warnings).toEqual([
      "web: its only container is stopped before the new one starts; nothing answers in between",
    ]);
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
