import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { release } from "../../../provider/release.ts";
import { TestPlatform } from "./harness.ts";

const CLIENTS = 8;
const platform = new TestPlatform();

beforeAll(() => platform.start());
afterAll(() => platform.stop());

async function start(service: string, replicas: number): Promise<string[]> {
  const versions = Array.from({ length: replicas }, (_, index) => `${service}-${index + 1}`);
  const containers = await Promise.all(versions.map((version) => platform.startApp(service, { version })));
  const identity = { namespace: platform.namespace, environment: "dev", service, network: platform.namespace };
  const plan = { containers, port: 8080, health: { path: "/health" }, hosts: [`${service}.test`] };
  await release.create({ ...identity, ...plan, image: "app@sha256:0", version: "1" }, platform.context);
  return containers;
}

/** What the proxy counts of a slot: column by column of `show stat`. */
async function statistics(backend: string, slot: string): Promise<Record<string, string>> {
  const csv = await platform.inProxy(`echo "show stat ${backend} 4 -1" | nc 127.0.0.1 9999`);
  const [header = "", ...rows] = csv.trim().replace("# ", "").split("\n");
  const fields = rows.map((row) => row.split(",")).find((row) => row[1] === slot) ?? [];
  return Object.fromEntries(header.split(",").map((name, index) => [name, fields[index] ?? ""]));
}

describe("a replica that is killed", () => {
  it("is left after two connections that it does not take, and no more fail than were on it", async () => {
    const [killed = ""] = await start("pair", 2);
    const stop = platform.startLoad("pair.test", CLIENTS);
    await sleep(500);
    await platform.docker.getContainer(killed).kill({ signal: "SIGKILL" });
    await expect
      .poll(async () => (await statistics("dev.pair", "s1")).status, { timeout: 5000 })
      .toMatch(/^(DOWN|MAINT)/);
    const { lbtot } = await statistics("dev.pair", "s1");
    await sleep(1000);
    const { answers, failures } = await stop();

    // Each client had at most one request on it, and one that hung until its connection was given up.
    expect(failures.length).toBeLessThanOrEqual(CLIENTS);
    expect(failures.filter((failure) => failure !== "Error: socket hang up")).toEqual([]);
    expect(Number((await statistics("dev.pair", "s1")).wredis)).toBeLessThanOrEqual(CLIENTS);
    expect((await statistics("dev.pair", "s1")).lbtot).toBe(lbtot);
    expect([...answers.keys()].sort()).toEqual(["pair-1", "pair-2"]);
  });
});

describe("the only replica", () => {
  it("keeps requests waiting while it starts again, and answers none with 503", async () => {
    const [only = ""] = await start("single", 1);
    const stop = platform.startLoad("single.test", CLIENTS);
    await sleep(500);
    await platform.docker.getContainer(only).restart({ t: 0 });
    await sleep(1000);
    const { failures } = await stop();
    expect(failures.length).toBeLessThanOrEqual(CLIENTS);
    expect(failures.filter((failure) => failure !== "Error: socket hang up")).toEqual([]);
    expect(await platform.get("single.test")).toMatchObject({ status: 200, body: "single-1" });
  });
});
