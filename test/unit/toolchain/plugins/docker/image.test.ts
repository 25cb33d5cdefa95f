import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UNKNOWN } from "../../../../../provider/plugin/resource.ts";
import { buildContext } from "../../../../../provider/image/build-context.ts";
import { contextDigest } from "../../../../../provider/image/context-digest.ts";
import { image } from "../../../../../toolchain/plugins/docker/image.ts";
import { resourceContext } from "../context.ts";
import { quiet } from "../../../../support/quiet.ts";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "slipway-image-"));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

describe("an image's check", () => {
  it("adds the digest of the context as a hidden input", async () => {
    writeFileSync(join(directory, "Dockerfile"), "FROM scratch\n", { mode: 0o644 });

    const build = { context: directory, args: { A: UNKNOWN } };

    const { inputs, faults } = await check({ imageName: "a", build });

    expect(faults).toEqual([]);
    const digest = await contextDigest(buildContext({ context: directory }));
    expect(inputs).toEqual({ imageName: "a", build: { ...build, contextDigest: digest } });
  });

  it("names a context that is not there, by its absolute path", async () => {
    const { faults } = await check({ imageName: "a", build: { context: join(directory, "web") } });

    expect(faults).toEqual([{ property: "build.context", reason: `there is no directory ${directory}/web` }]);
  });

  it("names a Dockerfile that is not there", async () => {
    const named = await check({ imageName: "a", build: { context: directory, dockerfile: join(directory, "Other") } });
    const unnamed = await check({ imageName: "a", build: { context: directory } });

    expect(named.faults).toEqual([
      { property: "build.dockerfile", reason: `there is no Dockerfile ${directory}/Other` },
    ]);
    expect(unnamed.faults).toEqual([
      { property: "build.context", reason: `there is no Dockerfile ${directory}/Dockerfile` },
    ]);
  });
});

describe("an image's diff", () => {
  const olds = { imageName: "a", registry: { server: "r.io", username: "u", password: "p" }, buildOnPreview: false };

  it("sees no change in credentials", () => {
    const news = { ...olds, registry: { server: "r.io", username: "v", password: "q" }, buildOnPreview: true };

    expect(image.diff?.({ inputs: olds, state: {} }, news, quiet)).toEqual({ changed: [] });
  });

  it.each([
    ["registry", { registry: { server: "s.io" } }],
    ["imageName", { imageName: "b" }],
    ["build", { build: { contextDigest: "1" } }],
  ])("updates, and never replaces, for another %s", (property, change) => {
    expect(image.diff?.({ inputs: olds, state: {} }, { ...olds, ...change }, quiet)).toEqual({ changed: [property] });
  });
});

async function check(news: Record<string, unknown>) {
  const checked = await image.check?.(news, undefined, resourceContext());
  if (checked === undefined) throw new Error("an image has a check");
  return checked;
}
