import { describe, expect, it } from "vitest";
import type { Backup } from "../../../backup/manifest.ts";
import { outdated } from "../../../backup/retention.ts";

const NOW = Date.parse("2026-11-22T12:00:00Z");

/** A backup that was begun so many days ago. */
function taken(daysAgo: number, ok?: boolean): Backup {
  const begun = new Date(NOW - daysAgo * 24 * 3600 * 1000);
  return {
    ...{ id: begun.toISOString(), kind: "dump", engine: "postgres", version: "15.18", database: "main" },
    ...{ begun: begun.toISOString(), seconds: 1, file: "f", size: 1, contentSize: 1, sha256: "", encrypted: false },
    ...{ tables: [], tool: "pg_dump" },
    ...(ok !== undefined && { proof: { at: "", seconds: 1, ok, tables: 0, rows: 0 } }),
  };
}

const daysOf = (backups: readonly Backup[]) => backups.map(({ begun }) => (NOW - Date.parse(begun)) / 86_400_000);

describe("retention of backups", () => {
  it("keeps the newest ones, however old", () => {
    const all = [taken(10), taken(20), taken(30), taken(40)];
    expect(daysOf(outdated(all, { keep: 2, keepDays: 0 }, NOW))).toEqual([30, 40]);
  });

  it("keeps the young ones, however many", () => {
    const all = [taken(1), taken(2), taken(3), taken(4)];
    expect(daysOf(outdated(all, { keep: 1, keepDays: 3.5 }, NOW))).toEqual([4]);
  });

  it("never removes the newest that is proven", () => {
    const all = [taken(1, false), taken(2), taken(3, true), taken(4, true)];
    expect(daysOf(outdated(all, { keep: 1, keepDays: 0 }, NOW))).toEqual([2, 4]);
  });

  it("never removes the newest that no proof has failed, while none is proven", () => {
    const all = [taken(1, false), taken(2, false), taken(3), taken(4)];
    expect(daysOf(outdated(all, { keep: 1, keepDays: 0 }, NOW))).toEqual([2, 4]);
  });
});
