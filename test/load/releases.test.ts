import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { save } from "../../bench/results.ts";
import { createWorkspace } from "../support/workspace.ts";
import type { Workspace } from "../support/workspace.ts";
import { createLoadEnvironment } from "./environment.ts";
import type { LoadEnvironment } from "./environment.ts";
import { startTraffic } from "./k6.ts";
import type { Kind, TrafficSummary } from "./k6.ts";
import { lossesOf, measurementOf, requestsOf } from "./measurement.ts";
import type { Release } from "./measurement.ts";

const REPLICAS = 2;
const RELEASES = 20;
const REQUESTS = 100_000;
const RESTARTS = 2;
/** Longer than the longest request, so that those of the last release end before the load does. */
const AFTERWARDS_SECONDS = 8;

const KEEP_ALIVE = { get: 280, post: 120, closing: 5, slow: 2, events: 1, websocket: 1 };
const BURST = 5;
const HTTP2 = { get: 25, post: 25 };

describe(`an application of ${REPLICAS} replicas under load`, () => {
  let workspace: Workspace;
  let environment: LoadEnvironment;
  let releases: Release[];
  let traffic: TrafficSummary[];

  beforeAll(async () => {
    workspace = await createWorkspace();
    environment = await createLoadEnvironment(workspace, REPLICAS);
  });

  afterAll(async () => {
    await workspace.remove();
  });

  it(`loses no request, response or stream over ${RELEASES} releases in a row`, async () => {
    traffic = await underLoad(async (rate) => {
      releases = await releaseFor(REQUESTS / rate);
    });

    expect(traffic.map(lossesOf)).toEqual(
      traffic.map(() => ({ failed: {}, dropped: 0, backwards: 0, complaints: [] })),
    );
    expect(releases.length).toBeGreaterThanOrEqual(RELEASES);
    expect(requestsOf(traffic)).toBeGreaterThanOrEqual(REQUESTS);
    for (const { releases: seen } of traffic) {
      expect(seen.map(({ release }) => release)).toEqual([0, ...releases.map(({ release }) => release)]);
    }
  });

  it("loses requests when its containers are stopped and started instead", async () => {
    const control = await underLoad(restart);
    await save(measurementOf(releases, traffic, { restarts: RESTARTS, traffic: control }), workspace, "load");

    expect(control.flatMap((one) => Object.keys(lossesOf(one).failed))).not.toEqual([]);
  });

  /** Lets both loads run during some work; it is told how many requests arrive in a second. */
  async function underLoad(work: (rate: number) => Promise<void>): Promise<TrafficSummary[]> {
    const { url, authority } = environment;
    const start = (rates: Partial<Record<Kind, number>>, protocol: "http/1.1" | "h2") =>
      startTraffic({ k6: inject("k6"), url, authority, rates, burst: BURST, protocol });
    const running = [await start(KEEP_ALIVE, "http/1.1"), await start(HTTP2, "h2")];
    try {
      await work([KEEP_ALIVE, HTTP2].flatMap((rates) => Object.values(rates)).reduce((sum, rate) => sum + rate));
      await pause(AFTERWARDS_SECONDS * 1000);
    } catch (error) {
      await Promise.all(running.map((load) => load.end()));
      throw error;
    }
    return Promise.all(running.map((load) => load.end()));
  }

  /** Releases again and again, at least as often as asked for, until some seconds have gone by. */
  async function releaseFor(seconds: number): Promise<Release[]> {
    const made: Release[] = [];
    const began = performance.now();
    while (made.length < RELEASES || performance.now() - began < seconds * 1000) {
      made.push(await environment.release(made.length + 1));
    }
    return made;
  }

  /** What a script without a proxy of its own does: stop what runs, start it again. */
  async function restart(): Promise<void> {
    const filters = { label: [`slipway.namespace=${workspace.namespace}`, "slipway.role=app"] };
    const found = await workspace.docker.listContainers({ filters });
    const containers = found.map(({ Id }) => workspace.docker.getContainer(Id));
    for (let round = 0; round < RESTARTS; round++) {
      await Promise.all(containers.map((container) => container.restart()));
      await pause(3000);
    }
  }
});
