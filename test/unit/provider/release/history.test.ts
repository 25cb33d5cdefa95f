import { describe, expect, it } from "vitest";
import { historyAfter } from "../../../../provider/release/history.ts";

const record = (image: string, releasedAt: string) => ({ image, version: image, releasedAt });

describe("the history of releases", () => {
  it("begins with the image that took over, with its commit", () => {
    const inputs = { image: "web@2", version: "2", commit: "abc", keepReleases: 5 };
    expect(historyAfter(inputs, "t2", [record("web@1", "t1")])).toEqual([
      { image: "web@2", version: "2", commit: "abc", releasedAt: "t2" },
      record("web@1", "t1"),
    ]);
  });

  it("stays as it is when the same image runs in new containers", () => {
    const before = [record("web@2", "t2"), record("web@1", "t1")];
    expect(historyAfter({ image: "web@2", version: "2", keepReleases: 5 }, "t3", before)).toEqual(before);
  });

  it("lists an image that came back once, and no more than are kept", () => {
    const before = [record("web@3", "t3"), record("web@2", "t2"), record("web@1", "t1")];
    expect(historyAfter({ image: "web@1", version: "web@1", keepReleases: 2 }, "t4", before)).toEqual([
      record("web@1", "t4"),
      record("web@3", "t3"),
    ]);
  });

  it("names the commit that an image was deployed from first, whenever it runs again", () => {
    const before = [record("web@2", "t2"), { ...record("web@1", "t1"), commit: "abc" }];
    expect(historyAfter({ image: "web@1", version: "1", commit: "def", keepReleases: 5 }, "t3", before)).toEqual([
      { image: "web@1", version: "1", commit: "abc", releasedAt: "t3" },
      record("web@2", "t2"),
    ]);
  });
});
