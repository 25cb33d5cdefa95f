import { describe, expect, it } from "vitest";
import { targetOf } from "../../../../toolchain/commands/rollback.ts";
import { releaseRows } from "../../../../toolchain/stack/deploy.ts";
import { parseStack } from "../../../../toolchain/stack/releases.ts";
import type { RecordedRelease } from "../../../../toolchain/stack/releases.ts";
import { table } from "../../../../toolchain/stack/table.ts";

const image = (digit: string) => `127.0.0.1:5000/slipway/dev/web@sha256:${digit.repeat(64)}`;
const record = (digit: string) => ({ image: image(digit), version: digit.repeat(12), releasedAt: `t${digit}` });

function release(digit: string, ...earlier: string[]): RecordedRelease {
  return {
    ...{ namespace: "slipway", environment: "dev", service: "web", hosts: ["web.test"] },
    ...record(digit),
    released: ["dev-web-1-abc", "dev-web-2-abc"],
    took: { gate: 1.2, switch: 0.3, drain: 0 },
    history: [digit, ...earlier].map(record),
  };
}

const byService = (...releases: RecordedRelease[]) => new Map(releases.map((each) => [each.service, each]));

describe("what is recorded of a stack", () => {
  const provider = { type: "pulumi:providers:slipway", inputs: { host: "ssh://example.org" } };
  const other = { type: "docker:index/container:Container", outputs: {} };

  it("is its engine and its releases, by service", () => {
    const resources = [provider, other, { type: "slipway:index:Release", outputs: { ...release("1"), more: true } }];
    expect(parseStack({ deployment: { resources } })).toEqual({
      host: "ssh://example.org",
      databases: [],
      releases: byService(release("1")),
      jobs: [],
    });
  });

  it("is its jobs, whether a clock or a deploy runs them, by name", () => {
    const resources = [
      { type: "slipway:index:JobRun", outputs: { job: "migrate", container: "slipway-dev-migrate-run", envs: [] } },
      { type: "slipway:index:JobRelease", outputs: { job: "backup", container: "dev-backup-container-1a2b3c4" } },
    ];
    expect(parseStack({ deployment: { resources } }).jobs).toEqual([
      { job: "backup", container: "dev-backup-container-1a2b3c4" },
      { job: "migrate", container: "slipway-dev-migrate-run" },
    ]);
  });

  it("is nothing before the first deploy", () => {
    const nothing = { host: undefined, releases: new Map(), databases: [], jobs: [] };
    expect(parseStack({ deployment: {} })).toEqual(nothing);
  });

  it("leaves out what is only waiting to be deleted", () => {
    const resources = [{ type: "slipway:index:Release", delete: true, outputs: { ...release("1") } }];
    expect(parseStack({ deployment: { resources } }).releases.size).toBe(0);
  });
});

describe("the table after a deploy", () => {
  it("shows the version before and the seconds of what was released", () => {
    expect(releaseRows(byService(release("1")), byService(release("2", "1")))).toEqual([
      ["web", "111111111111 → 222222222222", "222222222222", "1.2 s", "0.3 s", "0.0 s", "2"],
    ]);
  });

  it("shows no seconds for what stayed as it was", () => {
    expect(releaseRows(byService(release("1")), byService(release("1")))).toEqual([
      ["web", "111111111111", "111111111111", "-", "-", "-", "2"],
    ]);
  });

  it("stands in columns, coloured cells too", () => {
    expect(
      table(
        ["a", "b"],
        [
          ["\u001b[32mlong\u001b[39m", "x"],
          ["s", "y"],
        ],
      ),
    ).toBe("a     b\n\u001b[32mlong\u001b[39m  x\ns     y\n");
  });
});

describe("the release to go back to", () => {
  it("is the one before the current one", () => {
    expect(targetOf(release("3", "2", "1"), undefined).version).toBe("2".repeat(12));
  });

  it("is the one that is named by version or digest", () => {
    expect(targetOf(release("3", "2", "1"), "1".repeat(12)).image).toBe(image("1"));
    expect(targetOf(release("3", "2", "1"), "sha256:2222222").image).toBe(image("2"));
    expect(targetOf(release("3", "2", "1"), "1111111").image).toBe(image("1"));
  });

  it("is refused when there is none, with those there are", () => {
    expect(() => targetOf(release("3"), undefined)).toThrow("web has no earlier release than 333333333333");
    expect(() => targetOf(release("3", "2"), "9")).toThrow('--to: web has no release "9"');
  });
});
