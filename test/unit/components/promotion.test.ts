import { beforeEach, describe, expect, it, vi } from "vitest";
import { allRegistered, find, mockEngine } from "../../support/mock-engine.ts";
import { PLATFORM } from "../../support/platform-access.ts";

const image = (letter: string) => `127.0.0.1:5000/slipway/dev/web@sha256:${letter.repeat(64)}`;
const releases = {
  web: { image: image("b"), version: "b".repeat(12), commit: "2222222" },
  api: { image: image("c"), version: "c".repeat(12) },
};

async function environment(stack = "dev", service = "web") {
  const { defineEnvironment, fromStack } = await import("../../../components/index.ts");
  return defineEnvironment({
    domain: "localhost",
    services: { site: { image: fromStack(stack, service) } },
    jobs: { nightly: { image: fromStack(stack, service), schedule: "0 3 * * *" } },
  });
}

async function promotionsOf(stack?: string, service?: string, pins: Record<string, string> = {}) {
  const { readPromotions } = await import("../../../components/promotion.ts");
  return readPromotions("slipway", "prod", await environment(stack, service), pins);
}

describe("an image of another stack", () => {
  it("is what that stack runs, pulled by digest and not built", async () => {
    const registered = await mockEngine({ stackReferences: { releases } });
    const promotions = await promotionsOf();
    const { Environment } = await import("../../../components/environment.ts");
    new Environment("prod", {
      spec: await environment(),
      namespace: "slipway",
      platform: PLATFORM,
      commit: "3333333",
      helperImage: "haproxy:3.2",
      promotions,
      pins: {},
      secrets: { configured: {}, directory: undefined, rotations: {} },
    });
    await allRegistered();

    expect(find(registered, "docker:index/remoteImage:RemoteImage", "prod-site-image-pull").inputs).toEqual({
      name: image("b"),
      keepLocally: true,
    });
    expect(find(registered, "slipway:index:LocalImages", "prod-site-image-local").inputs).toMatchObject({
      repository: "127.0.0.1:5000/slipway/dev/web",
      current: image("b"),
    });
    expect(find(registered, "slipway:index:Release", "prod-site-release").inputs).toMatchObject({
      image: image("b"),
      version: "b".repeat(12),
      commit: "2222222",
    });
    expect(find(registered, "docker:index/container:Container", "prod-nightly-container").inputs.image).toBe(
      image("b"),
    );
    expect(registered.filter(({ type }) => type === "slipway:index:ImageBuild")).toEqual([]);
  });

  it("is refused at every place that takes it from a stack that is not deployed", async () => {
    await mockEngine();
    const advice = 'got fromStack("dev", "web"); deploy it first with pulumi up --stack dev';
    await expect(promotionsOf()).rejects.toThrow(
      `services.site.image: must be taken from a stack that is deployed, ${advice}\n` +
        `jobs.nightly.image: must be taken from a stack that is deployed, ${advice}`,
    );
  });

  it("is refused where the stack runs no such service", async () => {
    await mockEngine({ stackReferences: { releases } });
    await expect(promotionsOf("dev", "wbe")).rejects.toThrow(
      'services.site.image: must be taken from a service that the stack dev runs, got fromStack("dev", "wbe"), ' +
        'did you mean "web"? There are: api, web',
    );
  });

  it("is refused where the stack is the environment's own", async () => {
    await mockEngine({ stackReferences: { releases } });
    await expect(promotionsOf("prod")).rejects.toThrow(
      'services.site.image: must be taken from another stack than prod itself, got fromStack("prod", "web")',
    );
  });

  it("is not looked for where the service is pinned", async () => {
    await mockEngine();
    await expect(promotionsOf("dev", "web", { site: image("a") })).rejects.toThrow(/^jobs\.nightly\.image: /);
  });
});

describe("a preview", () => {
  let told: string[];

  beforeEach(async () => {
    const pulumi = await import("@pulumi/pulumi");
    told = [];
    vi.spyOn(pulumi.log, "info").mockImplementation((message) => {
      told.push(message);
      return Promise.resolve();
    });
  });

  const preview = async (running: object | undefined, count: number | undefined) => {
    await mockEngine({ stackReferences: running === undefined ? {} : { releases: running } });
    const { previewPromotions } = await import("../../../components/promotion-preview.ts");
    const countCommits = (from: string, to: string) =>
      Promise.resolve(from === "1111111" && to === "2222222" ? count : undefined);
    await previewPromotions({ project: "slipway", stack: "prod", countCommits }, await environment(), {
      dev: releases,
    });
    return told;
  };
  const site = (commit?: string) => ({ site: { image: image("a"), version: "a".repeat(12), commit } });

  it.each([
    [
      "the version and the commits between",
      site("1111111"),
      3,
      "aaaaaaaaaaaa → bbbbbbbbbbbb from dev, 3 commits 1111111..2222222",
    ],
    ["one commit as one", site("1111111"), 1, "aaaaaaaaaaaa → bbbbbbbbbbbb from dev, 1 commit 1111111..2222222"],
    [
      "the range alone where git cannot count",
      site("1111111"),
      undefined,
      "aaaaaaaaaaaa → bbbbbbbbbbbb from dev, commits 1111111..2222222",
    ],
    ["the commit alone where none is known to run", site(), 3, "aaaaaaaaaaaa → bbbbbbbbbbbb from dev, commit 2222222"],
    ["the version alone where nothing runs yet", undefined, 3, "bbbbbbbbbbbb from dev, commit 2222222"],
  ])("tells %s", async (_what, running, count, line) => {
    expect(await preview(running, count)).toEqual([`site: ${line}`]);
  });

  it("tells nothing of an image that runs already", async () => {
    expect(await preview({ site: releases.web }, 3)).toEqual([]);
  });
});
