import { beforeEach, describe, expect, it } from "vitest";
import { jobRun } from "../../../provider/job-run.ts";
import type { JobRunInputs } from "../../../provider/job-run.ts";
import { UNKNOWN } from "../../../provider/plugin/resource.ts";
import { contextFor } from "./context.ts";

let told: string[];

beforeEach(() => {
  told = [];
});

const inputsWith = (data?: string): JobRunInputs => ({
  ...{ namespace: "slipway", environment: "dev", job: "migrate", image: "shop@sha256:1", version: "v1", envs: [] },
  ...{ data, volumes: [], network: "dev", allowRoot: false, timeoutSeconds: 60, pidsLimit: 50, memory: 64 },
  ...{ memorySwap: 64, cpus: "0.5", readOnly: true, tmpfs: {}, capabilities: { drops: ["ALL"] }, securityOpts: [] },
  ...{ init: true, logDriver: "json-file", logOpts: {} },
});
const ran = { container: "slipway-dev-migrate-run", ranAt: "2026-11-22T00:00:00.000Z", seconds: 1 };
const diff = (before?: string, after?: string) =>
  jobRun.diff?.({ inputs: inputsWith(before), state: {} }, inputsWith(after), contextFor(told)).changed;
const update = (before?: string, after?: string) =>
  jobRun.update?.("", { ...inputsWith(before), ...ran }, inputsWith(after), {
    ...contextFor(told),
    config: { host: "unix:///nowhere" },
  });

describe("a job whose database", () => {
  it("was made anew or restored runs again, and a preview says so", async () => {
    expect(diff("one", "other")).toEqual(["data"]);
    expect(told).toEqual([
      "info: migrate runs before what waits for it is released: its database was made anew or restored",
    ]);
    await expect(update("one", "other")).rejects.toThrow("no Docker engine answers at unix:///nowhere");
  });

  it("is the same does not", async () => {
    expect(diff("one", "one")).toEqual([]);
    expect(await update("one", "one")).toMatchObject({ ...ran, data: "one" });
  });

  it("was not told from others by an earlier version takes it down, and does not run", async () => {
    expect(diff(undefined, "one")).toEqual(["data"]);
    expect(told).toEqual([]);
    expect(await update(undefined, "one")).toMatchObject({ ...ran, data: "one" });
  });

  it("is not known yet may run", () => {
    expect(diff("one", UNKNOWN)).toEqual(["data"]);
    expect(told).toEqual(["info: migrate runs before what waits for it is released: if its database is made anew"]);
  });
});
