import { describe, expect, it } from "vitest";
import { faultOf } from "../../../../toolchain/backup/health.ts";
import type { Circumstances } from "../../../../toolchain/backup/health.ts";
import type { ListedBackup } from "../../../../toolchain/backup/jobs.ts";

/** At three every night, looked at in the morning. */
const CIRCUMSTANCES: Circumstances = {
  ...{ schedule: "0 3 * * *", timeZone: "Europe/Paris", timeoutSeconds: 3600 },
  deployedAt: Date.parse("2026-11-01T00:00:00Z"),
  exitCode: 0,
  now: Date.parse("2026-11-22T09:00:00Z"),
};

function taken(begun: string, ok?: boolean): ListedBackup {
  return {
    ...{ id: begun, kind: "dump", engine: "postgres", version: "15.18", database: "main", place: "/backups" },
    ...{ begun, seconds: 1, file: "f", size: 1, contentSize: 1, sha256: "", encrypted: false, tables: [], tool: "" },
    ...(ok !== undefined && { proof: { at: begun, seconds: 1, ok, tables: 0, rows: 0, fault: "a byte is wrong" } }),
  };
}

describe("what is wrong with backups", () => {
  it.each([
    ["nothing, when last night's is there", taken("2026-11-22T02:00:03Z"), {}, undefined],
    [
      "nothing, while tonight's may still be running",
      taken("2026-11-21T02:00:03Z"),
      { now: Date.parse("2026-11-22T02:30:00Z") },
      undefined,
    ],
    ["that it is overdue", taken("2026-11-21T02:00:03Z"), {}, "overdue: that of 2026-11-22T02:00:00Z was not taken"],
    ["that there is none", null, {}, "missing: that of 2026-11-22T02:00:00Z was not taken"],
    [
      "nothing, before the first one is due",
      null,
      { deployedAt: Date.parse("2026-11-22T08:00:00Z"), exitCode: undefined },
      undefined,
    ],
    [
      "that the last run failed",
      taken("2026-11-22T02:00:03Z"),
      { exitCode: 1 },
      "the last run failed with exit code 1",
    ],
    [
      "that the newest one is no good",
      taken("2026-11-22T02:00:03Z", false),
      {},
      "the newest one is no good: a byte is wrong",
    ],
  ])("is %s", (_what, newest, changes, fault) => {
    expect(faultOf(newest, { ...CIRCUMSTANCES, ...changes })).toBe(fault);
  });
});
