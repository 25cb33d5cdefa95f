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
      cacheFrom: [],
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
    ["cache", { cacheFrom: ["r/a:cache"] }],
  ])("builds nothing for another %s", (_what, change) => {
    expect(diff(change)).toEqual({ changed: [] });
  });
});
