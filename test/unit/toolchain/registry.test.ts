import { describe, expect, it } from "vitest";
import { namedIn, withoutBuilds } from "../../../toolchain/registry/in-use.ts";
import { freedBytes, jsonOf, textOf } from "../../../toolchain/registry/report.ts";
import { abandonedBy, decide } from "../../../toolchain/registry/retention.ts";
import type { Circumstances, StoredImage, Verdict } from "../../../toolchain/registry/retention.ts";

const DAY_MS = 24 * 3600 * 1000;
const NOW = Date.parse("2026-11-22T12:00:00Z");
const digest = (name: string) => `sha256:${name.padEnd(64, "0")}`;

function image(name: string, daysAgo: number, more: Partial<StoredImage> = {}): StoredImage {
  const built = NOW - daysAgo * DAY_MS;
  return { repository: "slipway/dev/web", digest: digest(name), tags: [], built, children: [], ...more };
}

function kept(images: StoredImage[], circumstances: Partial<Circumstances> = {}): (string | undefined)[] {
  const retention = { count: 2, days: 7 };
  const decided = decide(images, { retention, used: new Map(), isAbandoned: () => false, now: NOW, ...circumstances });
  const reasons = new Map(decided.map((verdict) => [`${verdict.repository}@${verdict.digest}`, verdict.kept]));
  return images.map((each) => reasons.get(`${each.repository}@${each.digest}`));
}

describe("retention", () => {
  it("keeps the newest of each repository and what was built within the days, whichever is more", () => {
    expect(kept([image("a", 40), image("b", 30), image("c", 20)])).toEqual([undefined, "recent", "recent"]);
    expect(kept([image("a", 6), image("b", 5), image("c", 4)])).toEqual(["recent", "recent", "recent"]);
    const other = { repository: "slipway/dev/api" };
    expect(kept([image("a", 40), image("b", 30), image("c", 90, other)])).toEqual(["recent", "recent", "recent"]);
  });

  it("never removes what is deployed anywhere, however old", () => {
    const used = new Map([[digest("a"), new Set(["prod", "container prod-web-1"])]]);
    expect(kept([image("a", 400), image("b", 2), image("c", 1)], { used })).toEqual(["deployed", "recent", "recent"]);
  });

  it("keeps what is deployed in the repository that it was pulled from, not every copy of it", () => {
    const used = new Map([[`slipway/dev/web@${digest("a")}`, new Set(["prod"])]]);
    const images = [image("a", 400), image("a", 400, { repository: "slipway/review-x/web" })];
    expect(kept(images, { used, retention: { count: 0, days: 0 } })).toEqual(["deployed", undefined]);
  });

  it("finds in a state what it names, whatever stands around it", () => {
    const [one, two] = [digest("1"), digest("2")];
    const state = `"id": "${two}127.0.0.1:5000/slipway/dev/web@${one}", "base": "${two}", "r": "r.org/slipway/dev/api@${one}"`;
    expect(namedIn(state)).toEqual([`slipway/dev/web@${one}`, two, `slipway/dev/api@${one}`]);
  });

  it("takes no image for deployed that was only built once", () => {
    const [runs, built] = [digest("1"), digest("2")];
    const image = `127.0.0.1:5000/slipway/dev/web@${runs}`;
    const outputs = { image, builds: [{ digest: runs }, { digest: built }] };
    const build = { type: "slipway:index:ImageBuild", outputs };
    // A service may be called so.
    const stack = { type: "pulumi:pulumi:Stack", outputs: { releases: { builds: { image: digest("3") } } } };
    const state = JSON.stringify({ deployment: { resources: [build, stack] } });
    expect(namedIn(withoutBuilds(state))).toEqual([`slipway/dev/web@${runs}`, digest("3")]);
  });

  it.each([
    ["1.2.3", "version"],
    ["v1.2.3", "version"],
    ["2.0.0-rc.1", "version"],
    ["1.2.3_build.5", "version"],
    ["latest", undefined],
    ["main", undefined],
    ["1.2", undefined],
    ["48ab71712a93", undefined],
    ["1.2.3.4", undefined],
  ])("takes the tag %s for %s", (tag, reason) => {
    expect(kept([image("a", 400, { tags: ["x", tag] })], { retention: { count: 0, days: 0 } })).toEqual([reason]);
  });

  it("keeps the platforms of an index that stays, and counts them as one image", () => {
    const [one, two] = [image("one", 400), image("two", 400)];
    const index = image("index", 0, { children: [one.digest, two.digest] });
    const retention = { count: 1, days: 0 };
    expect(kept([one, index, two, image("old", 3)], { retention })).toEqual(["part", "recent", "part", undefined]);
  });

  it("keeps of an environment that is gone only what is deployed elsewhere or has a version", () => {
    const used = new Map([
      [`slipway/dev/web@${digest("a")}`, new Set(["prod"])],
      [digest("d"), new Set(["preprod"])],
    ]);
    const images = [image("a", 0), image("b", 0, { tags: ["1.0.0"] }), image("c", 0), image("d", 0)];
    expect(kept(images, { used, isAbandoned: () => true })).toEqual(["deployed", "version", undefined, undefined]);
  });

  it("takes a review environment without a stack for gone, and no other repository", () => {
    const isAbandoned = abandonedBy("slipway", ["dev", "review-here"]);
    const repositories = ["slipway/review-gone/web", "slipway/review-here/web", "slipway/qa/web", "team/review-x/web"];
    expect(repositories.map((repository) => isAbandoned(repository))).toEqual([true, false, false, false]);
  });
});

describe("the report of a collection", () => {
  const verdicts: Verdict[] = [
    { ...image("a1", 1), tags: ["main"], kept: "deployed", usedBy: ["dev"] },
    { ...image("b2", 40), tags: ["x", "y"], kept: undefined, usedBy: [] },
  ];
  const blobs = new Map([
    [`slipway/dev/web@${digest("a1")}`, new Map([["shared", 5_000_000]])],
    [
      `slipway/dev/web@${digest("b2")}`,
      new Map([
        ["shared", 5_000_000],
        ["own", 1_500_000],
      ]),
    ],
  ]);

  it("counts the bytes of layers that no other image has", () => {
    expect(freedBytes(verdicts, blobs)).toBe(1_500_000);
  });

  it("lists what is removed and counts what stays", () => {
    expect(textOf(verdicts, blobs, true, process.stderr)).toBe(
      "repository       image         tags  built\n" +
        "slipway/dev/web  b20000000000  x, y  2026-10-13\n\n" +
        "Registry: images that would be removed: 1 (1.5 MB); kept: 1 deployed, 0 with a version, 0 recent\n",
    );
  });

  it("tells programs why each image stays", () => {
    expect(JSON.parse(jsonOf(verdicts, blobs, false))).toEqual({
      dryRun: false,
      freedBytes: 1_500_000,
      images: [
        {
          ...{ repository: "slipway/dev/web", digest: digest("a1"), tags: ["main"], built: "2026-11-21T12:00:00.000Z" },
          ...{ removed: false, why: "deployed", usedBy: ["dev"] },
        },
        {
          ...{
            repository: "slipway/dev/web",
            digest: digest("b2"),
            tags: ["x", "y"],
            built: "2026-10-13T12:00:00.000Z",
          },
          removed: true,
        },
      ],
    });
  });
});
