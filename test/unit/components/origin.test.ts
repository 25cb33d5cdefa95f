import { describe, expect, it } from "vitest";
import { tagsOf } from "../../../components/origin.ts";

const origin = { by: "alice", where: "build-1" };

describe("the tags of an image", () => {
  it("are its branch where it was built, and nothing where it was promoted", () => {
    expect(tagsOf({ ...origin, branch: "main" }, { isBuilt: true })).toEqual(["branch-main"]);
    expect(tagsOf({ ...origin, branch: "main" }, { isBuilt: false })).toEqual([]);
  });

  it("are version and latest on a release, also for one that was promoted", () => {
    expect(tagsOf({ ...origin, branch: "main", version: "1.2.0" }, { isBuilt: true })).toEqual([
      "branch-main",
      "1.2.0",
      "latest",
    ]);
    expect(tagsOf({ ...origin, version: "1.2.0" }, { isBuilt: false })).toEqual(["1.2.0", "latest"]);
  });

  it("are never latest on a release candidate", () => {
    expect(tagsOf({ ...origin, version: "1.2.0-rc.1" }, { isBuilt: false })).toEqual(["1.2.0-rc.1"]);
  });

  it("tell branches apart that a tag would spell alike", () => {
    const tag = (branch: string) => tagsOf({ ...origin, branch }, { isBuilt: true });
    expect(tag("feature-x")).toEqual(["branch-feature-x"]);
    expect(tag("feature/x")).toEqual(["branch-feature-x-217d2b"]);
    expect(tag("été")).toEqual(["branch--t--bd010c"]);
    expect(tag("b".repeat(300))[0]).toHaveLength("branch-".length + 80 + "-123456".length);
  });
});
