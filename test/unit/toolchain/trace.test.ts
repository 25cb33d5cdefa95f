import { describe, expect, it } from "vitest";
import { findByContainer, findByLabels, findByUrl, knownOf } from "../../../toolchain/trace/find.ts";
import { parseRecords } from "../../../toolchain/trace/records.ts";

const image = (letter: string) => `127.0.0.1:5000/dev/web@sha256:${letter.repeat(64)}`;
const digest = (letter: string) => `sha256:${letter.repeat(64)}`;

function state(environment: string, services: Record<string, string[]>) {
  const releases = Object.entries(services).map(([service, hosts]) => ({
    type: "slipway:index:Release",
    outputs: {
      ...{ namespace: "slipway", environment, service, hosts, image: image("a"), version: "a", history: [] },
      ...{ releasedAt: "2026-11-22T00:00:00.000Z", released: [`${environment}-${service}-1`] },
      took: { gate: 0, switch: 0, drain: 0 },
    },
  }));
  return { deployment: { resources: [{ type: "slipway:index:Environment" }, ...releases] } };
}

const stacks = [
  parseRecords("dev", state("dev", { web: ["www.dev.localhost"], api: ["www.dev.localhost/api"] })),
  parseRecords("prod", state("prod", { web: ["www.example.org"] })),
];

describe("what answers at an address", () => {
  it.each([
    ["https://www.dev.localhost:8443/fr?x=1", "dev", "web"],
    ["https://www.dev.localhost/api", "dev", "api"],
    ["https://www.dev.localhost/api/people", "dev", "api"],
    ["https://www.dev.localhost/apix", "dev", "web"],
    ["http://www.example.org", "prod", "web"],
  ])("%s is %s's %s", (url, stack, service) => {
    const found = findByUrl(new URL(url), stacks);
    expect([found?.stack.stack, found?.release.service]).toEqual([stack, service]);
  });

  it("is nothing where no stack has the host", () => {
    expect(findByUrl(new URL("https://localhost/"), stacks)).toBeUndefined();
  });
});

it("a container is found by its record, or by its labels", () => {
  expect(findByContainer("prod-web-1", stacks)?.stack.stack).toBe("prod");
  expect(findByContainer("web-1", stacks)).toBeUndefined();
  expect(findByLabels("dev", "api", stacks)?.release.service).toBe("api");
});

it("an image has the tags of every stack, and the build that was first", () => {
  const build = (at: string, tags: string[]) => ({ digest: digest("a"), at, tags, by: "alice", where: "here" });
  const resources = (outputs: object[], image: string, tags: string[]) => ({
    deployment: {
      resources: [
        { type: "slipway:index:ImageBuild", outputs: { builds: outputs } },
        { type: "slipway:index:ImageTags", outputs: { image, tags } },
      ],
    },
  });
  const known = [
    parseRecords("dev", resources([build("2026-11-22", ["content-1"])], image("a"), ["branch-main"])),
    parseRecords("qa", resources([build("2026-11-21", ["content-1"])], image("b"), ["branch-other"])),
    parseRecords("prod", resources([], image("a"), ["1.2.0", "latest"])),
  ];

  expect(knownOf(digest("a"), known)).toEqual({
    tags: ["1.2.0", "branch-main", "content-1", "latest"],
    build: build("2026-11-21", ["content-1"]),
  });
  expect(knownOf(digest("c"), known)).toEqual({ tags: [] });
});
