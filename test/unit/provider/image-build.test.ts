import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { buildContext } from "../../../provider/image/build-context.ts";
import { contextDigest } from "../../../provider/image/context-digest.ts";
import { imageBuild } from "../../../provider/image-build.ts";
import { UNKNOWN } from "../../../provider/plugin/resource.ts";
import { quiet } from "../../support/quiet.ts";
import { resourceContext } from "../toolchain/plugins/context.ts";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "slipway-build-"));
  vi.spyOn(process, "cwd").mockReturnValue(directory);
  writeFileSync(join(directory, "Dockerfile"), "FROM scratch\n");
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(directory, { recursive: true });
});

const registry = { server: "127.0.0.1:5000", username: "slipway", password: "secret" };
const plan = () => ({
  repository: "127.0.0.1:5000/dev/web",
  context: directory,
  dockerfile: join(directory, "Dockerfile"),
  registry,
});

async function check(news: Record<string, unknown>) {
  const checked = await imageBuild.check?.(news, undefined, resourceContext());
  if (checked === undefined) throw new Error("a build has a check");
  return checked;
}

describe("the check of a build", () => {
  it("adds the digest of the context as a hidden input", async () => {
    const { inputs, faults } = await check({ ...plan(), args: { A: UNKNOWN } });

    expect(faults).toEqual([]);
    expect(inputs).toEqual({
      ...plan(),
      args: { A: UNKNOWN },
      cache: false,
      secrets: {},
      contextDigest: await contextDigest(buildContext(plan())),
    });
  });

  it("lets no value of a secret through to what is recorded", async () => {
    const { inputs, faults } = await check({ ...plan(), secrets: { npmrc: "hunter2" } });

    expect(faults).toEqual([]);
    expect(JSON.stringify(inputs)).not.toContain("hunter2");
  });

  it.each([
    ["context", { context: "nowhere" }, "there is no directory /"],
    ["dockerfile", { dockerfile: "Other" }, "there is no Dockerfile /"],
  ])("names a %s that is not there", async (property, change, reason) => {
    const { faults } = await check({ ...plan(), ...change });

    expect(faults).toEqual([{ property, reason: expect.stringContaining(reason) as unknown }]);
  });
});

describe("a Dockerfile with faults", () => {
  const warningsOf = async (olds?: Record<string, unknown>) => {
    const told: string[] = [];
    const context = resourceContext({ warn: (message) => told.push(message) });
    const checked = await imageBuild.check?.({ ...plan(), dockerfile: "Dockerfile" }, olds, context);
    return { told, inputs: checked?.inputs };
  };

  it("is warned of by line before it is built, and not while nothing is", async () => {
    writeFileSync(join(directory, "Dockerfile"), "FROM node:24\nUSER 1000\n");
    const { told, inputs } = await warningsOf();

    expect(told).toEqual([
      "Dockerfile:1: FROM node:24 is not pinned: a tag can be moved to other content, name@sha256:… cannot " +
        "(# slipway ignore=unpinned above it says that it is meant)",
    ]);
    expect((await warningsOf(inputs)).told).toEqual([]);
  });
});

describe("the diff of a build", () => {
  const olds = {
    ...{ repository: "r/a", context: "a", dockerfile: "a/Dockerfile", contextDigest: "1", args: { A: "1" } },
    ...{ registry, secrets: {}, origin: { by: "alice", where: "here" } },
  };
  const diff = (change: object) => imageBuild.diff?.({ inputs: olds, state: {} }, { ...olds, ...change }, quiet);

  it.each([
    ["repository", "r/b"],
    ["contextDigest", "2"],
    ["args", { A: "2" }],
    ["target", "test"],
    ["platform", "linux/arm64"],
  ])("builds again for another %s", (property, value) => {
    expect(diff({ [property]: value })).toEqual({ changed: [property] });
  });

  it.each([
    ["password", { registry: { ...registry, password: "other" } }],
    ["secret", { secrets: { npmrc: "" } }],
    ["user or branch", { origin: { by: "bob", where: "there", branch: "main" } }],
    ["directory of the same content", { context: "b", dockerfile: "b/Dockerfile" }],
    ["cache", { cache: true }],
  ])("builds nothing for another %s", (_what, change) => {
    expect(diff(change)).toEqual({ changed: [] });
  });

  it("tells of a base image that has become another", () => {
    const told: string[] = [];
    const image = (letter: string) => `r/base-node@sha256:${letter.repeat(64)}`;
    const news = { ...olds, args: { A: "1", NODE_IMAGE: image("b") } };
    const before = { ...olds, args: { A: "1", NODE_IMAGE: image("a") } };

    const changes = imageBuild.diff?.({ inputs: before, state: {} }, news, {
      ...quiet,
      info: (text) => told.push(text),
    });
    expect(changes).toEqual({ changed: ["args"] });
    expect(told).toEqual(["built anew on another base image: NODE_IMAGE was aaaaaaaaaaaa, is bbbbbbbbbbbb"]);
  });
});
