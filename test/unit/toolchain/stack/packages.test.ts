import { describe, expect, it } from "vitest";
import { earlierOf } from "../../../../toolchain/commands/rollback.ts";
import { parsePackages } from "../../../../toolchain/stack/packages.ts";

const version = (digit: string) => ({ digest: digit.repeat(64), deliveredAt: `2026-11-2${digit}T00:00:00.000Z` });
const parent = "urn:pulumi:review-a::shop::slipway:index:Environment::review-a";
const resource = (name: string, history: unknown) => ({
  urn: `${parent.replace("::review-a", "")}$slipway:index:DataPackage::review-a-${name}-package`,
  parent,
  type: "slipway:index:DataPackage",
  outputs: { history },
});

describe("the data packages of a stack", () => {
  it("are told by the names of their volumes, with what can be gone back to", () => {
    const resources = [
      resource("site-pages", [version("2"), version("1")]),
      resource("articles", undefined),
      { ...resource("gone", []), delete: true },
      { type: "pulumi:pulumi:Stack" },
      { type: "slipway:index:Release", outputs: { history: [{ image: "a@sha256:1" }] } },
    ];

    expect(parsePackages({ deployment: { resources } })).toEqual([
      { name: "articles", history: [] },
      { name: "site-pages", history: [version("2"), version("1")] },
    ]);
    expect(parsePackages({ deployment: {} })).toEqual([]);
  });
});

describe("the version to go back to", () => {
  const pages = { name: "pages", history: ["3", "2", "1"].map(version) };

  it("is the one before, or the one that is named by the beginning of its digest", () => {
    expect(earlierOf(pages, undefined)).toEqual(version("2"));
    expect(earlierOf(pages, "1111111")).toEqual(version("1"));
  });

  it("is refused where there is none", () => {
    expect(() => earlierOf(pages, "1")).toThrow('--to: pages has no version "1"');
    expect(() => earlierOf({ name: "pages", history: [version("1")] }, undefined)).toThrow(
      "pages has no earlier version than 111111111111",
    );
  });
});
