import { describe, expect, it } from "vitest";
import { slugOf } from "../../../../toolchain/review/slug.ts";

describe("the slug of a branch", () => {
  it.each([
    ["login", "login"],
    ["feature/Login", "feature-login"],
    ["JIRA-123_fix: the thing!", "jira-123-fix-the-thing"],
    ["--a//b..", "a-b"],
    ["42", "42"],
    ["x".repeat(40), "x".repeat(40)],
  ])("of %j is %s", (branch, slug) => {
    expect(slugOf(branch)).toBe(slug);
  });

  it.each([
    ["is cut", "x".repeat(41), `${"x".repeat(31)}-3164596d`],
    ["is cut at a hyphen", `${"x".repeat(30)}-${"y".repeat(300)}`, `${"x".repeat(30)}-0ac893ae`],
    ["is punctuation only", "...", "ab5df625"],
    ["is of letters that ASCII does not have", "修复/登录", "da0762fc"],
    ["has some of them", "feature/ünïcode", "feature-unicode-9742ead4"],
    ["has the name of something else", "dev", "dev-ef260e9a"],
  ])("ends in a hash when the branch %s", (_why, branch, slug) => {
    expect(slugOf(branch, ["dev"])).toBe(slug);
  });

  it.each(["x".repeat(300), "—", "🚀".repeat(100), "ß", "a/".repeat(150), `${"-".repeat(299)}a`, "İstanbul"])(
    "of %j is a DNS label of at most 40 characters",
    (branch) => {
      expect(slugOf(branch)).toMatch(/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/);
    },
  );

  it("tells branches apart that differ in what is lost", () => {
    const branches = [
      "feature/登录",
      "feature/修复",
      "feature/",
      "feature",
      "é",
      "e",
      `${"x".repeat(299)}1`,
      "x".repeat(300),
    ];

    expect(new Set(branches.map((branch) => slugOf(branch))).size).toBe(branches.length - 1);
    expect(slugOf("feature/")).toBe(slugOf("feature"));
  });
});
