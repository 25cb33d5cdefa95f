import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Properties } from "../../../provider/plugin/resource.ts";
import { release } from "../../../provider/release.ts";
import { TestPlatform } from "./harness.ts";
import { addNetwork, askFrom, countRunning } from "./observers.ts";

const platform = new TestPlatform();

beforeAll(() => platform.start());
afterAll(() => platform.stop());

function inputsOf(service: string, containers: string[], more: Properties = {}): Properties {
  return {
    namespace: platform.namespace,
    environment: "dev",
    service,
    containers,
    hosts: [],
    image: `${containers.join()}@sha256:0`,
    version: containers.join(),
    network: platform.namespace,
    drainSeconds: 10,
    gateSeconds: 10,
    stopSeconds: 1,
    ...more,
  };
}

const web = (service: string): Properties => ({ port: 8080, health: { path: "/health" }, hosts: [`${service}.test`] });

async function create(inputs: Properties): Promise<Properties> {
  const { state } = await release.create(inputs, platform.context);
  return { ...inputs, ...state };
}

async function update(olds: Properties, inputs: Properties): Promise<Properties> {
  return { ...inputs, ...(await release.update?.("", olds, inputs, platform.context)) };
}

async function runningOf(...names: string[]): Promise<boolean[]> {
  const found = await Promise.all(names.map((name) => platform.docker.getContainer(name).inspect()));
  return found.map(({ State }) => State.Running);
}

describe("a service that cannot run twice its number", () => {
  it("serves with the others while its containers take turns", async () => {
    const olds = [
      await platform.startApp("turns", { version: "old" }),
      await platform.startApp("turns", { version: "old" }),
      await platform.startApp("turns", { version: "old" }),
    ];
    const state = await create(inputsOf("turns", olds, web("turns")));
    const news = [
      await platform.createApp("turns", { version: "new" }),
      await platform.createApp("turns", { version: "new" }),
      await platform.createApp("turns", { version: "new" }),
    ];
    const stop = platform.startLoad("turns.test", 8);
    const most = countRunning(platform, "turns");
    await update(state, inputsOf("turns", news, { ...web("turns"), rolling: 1 }));
    expect(await most()).toBe(3);
    const { answers, failures } = await stop();
    expect(failures).toEqual([]);
    expect([...answers.keys()]).toEqual(["old", "new"]);
    expect(await runningOf(...olds, ...news)).toEqual([false, false, false, true, true, true]);
  });

  it("starts its old containers again when a new one is no good", async () => {
    const olds = [
      await platform.startApp("back", { version: "old" }),
      await platform.startApp("back", { version: "old" }),
    ];
    const state = await create(inputsOf("back", olds, web("back")));
    const good = await platform.createApp("back", { version: "new" });
    const bad = await platform.createApp("back", { version: "bad", healthStatus: 500 });
    const stop = platform.startLoad("back.test", 4);
    const inputs = inputsOf("back", [good, bad], { ...web("back"), rolling: 1, gateSeconds: 2 });
    await expect(update(state, inputs)).rejects.toThrow(
      `container ${bad} was not ready within gateSeconds = 2 s: GET /health answered 500`,
    );
    const { failures } = await stop();
    expect(failures).toEqual([]);
    expect(await runningOf(...olds, good, bad)).toEqual([true, true, false, false]);
    expect(await platform.get("back.test")).toMatchObject({ status: 200, body: "old" });
  });

  it("brings the old container back when the user stops the release", async () => {
    const old = await platform.startApp("stopped", { version: "old" });
    const state = await create(inputsOf("stopped", [old], web("stopped")));
    const stuck = await platform.createApp("stopped", { version: "stuck", healthStatus: 500 });
    const run = new AbortController();
    const context = { ...platform.context, signal: run.signal };
    const inputs = inputsOf("stopped", [stuck], { ...web("stopped"), rolling: 1, gateSeconds: 60 });
    const released = release.update?.("", state, inputs, context);
    await expect.poll(() => runningOf(old, stuck), { timeout: 60_000 }).toEqual([false, true]);
    run.abort(new Error("stopped by the user"));
    await expect(released).rejects.toThrow();
    expect(await runningOf(old, stuck)).toEqual([true, false]);
    expect(await platform.get("stopped.test")).toMatchObject({ status: 200, body: "old" });
  });

  it("never runs an exclusive program twice, and brings the old one back when the new one exits", async () => {
    const old = await platform.startApp("only", { version: "old" });
    const state = await create(inputsOf("only", [old], web("only")));
    const bad = await platform.createApp("only", { version: "bad" }, "echo no disk; exit 4");
    const most = countRunning(platform, "only");
    await expect(update(state, inputsOf("only", [bad], { ...web("only"), rolling: 1 }))).rejects.toThrow(
      /exited with code 4/,
    );
    expect(await platform.get("only.test")).toMatchObject({ status: 200, body: "old" });
    const next = await platform.createApp("only", { version: "next" });
    await update(state, inputsOf("only", [next], { ...web("only"), rolling: 1 }));
    expect(await most()).toBe(1);
    expect(await platform.get("only.test")).toMatchObject({ status: 200, body: "next" });
    expect(await runningOf(old, bad, next)).toEqual([false, false, true]);
  });
});

describe("a worker", () => {
  it("is released when its command ends with code 0", async () => {
    const worker = await platform.runApp("command", "sleep 1; : >/dev/shm/ready; sleep 600");
    const health = { command: ["test", "-e", "/dev/shm/ready"] };
    const { took } = await create(inputsOf("command", [worker], { health }));
    expect(took).toMatchObject({ switch: 0, drain: 0 });
    const stuck = await platform.runApp("command", "sleep 600");
    await expect(create(inputsOf("command", [stuck], { health, gateSeconds: 1 }))).rejects.toThrow(
      `container ${stuck} was not ready within gateSeconds = 1 s: \`test -e /dev/shm/ready\` ended with code 1`,
    );
  });

  it("is released when it has run for a while, and stopped when it has not", async () => {
    const steady = await platform.runApp("steady", "sleep 600");
    const state = await create(inputsOf("steady", [steady], { steadySeconds: 1 }));
    const brief = await platform.runApp("steady", "sleep 1; echo queue not found; exit 2");
    await expect(update(state, inputsOf("steady", [brief], { steadySeconds: 5 }))).rejects.toThrow(/queue not found/);
    expect(await runningOf(steady, brief)).toEqual([true, false]);
  });

  it("runs again when a container of it that a release has stopped is released once more", async () => {
    const late = await platform.runApp("late", "sleep 600");
    const never = inputsOf("late", [late], { health: { command: ["false"] }, gateSeconds: 1 });
    await expect(create(never)).rejects.toThrow(/`false` ended with code 1/);
    expect(await runningOf(late)).toEqual([false]);
    await create(inputsOf("late", [late], { health: { command: ["true"] } }));
    expect(await runningOf(late)).toEqual([true]);
  });
});

describe("a sticky service", () => {
  it("keeps a client on its container until a release replaces it", async () => {
    const olds = [
      await platform.startApp("sticky", { version: "a" }),
      await platform.startApp("sticky", { version: "b" }),
    ];
    const state = await create(inputsOf("sticky", olds, { ...web("sticky"), sticky: true }));
    const first = await platform.get("sticky.test");
    const cookie = first.headers.get("set-cookie") ?? "";
    expect(cookie).toMatch(/^SLIPWAY=s\d; path=\/; HttpOnly; Secure; SameSite=Lax$/);
    const again = async () =>
      (await platform.get("sticky.test", "/", undefined, { cookie: cookie.split(";", 1).join() })).body;
    expect(new Set(await Promise.all(Array.from({ length: 6 }, again)))).toEqual(new Set([first.body]));
    const news = [
      await platform.startApp("sticky", { version: "new" }),
      await platform.startApp("sticky", { version: "new" }),
    ];
    await update(state, inputsOf("sticky", news, { ...web("sticky"), sticky: true }));
    expect(await again()).toBe("new");
  });
});

describe("a service that only neighbours reach", () => {
  it("is reached through the proxy from its own environment alone, and replaced without a lost call", async () => {
    const old = await platform.startApp("inner", { version: "old" });
    const inner = { port: 8080, health: { path: "/health" }, internalPort: 20_077 };
    const state = await create(inputsOf("inner", [old], inner));
    const address = "http://dev.slipway.internal:20077/";
    const strange = await askFrom(platform, await addNetwork(platform, "stranger"), address);
    const asked = await askFrom(platform, platform.namespace, address);
    await sleep(500);
    const next = await platform.startApp("inner", { version: "next" });
    const after = await update(state, inputsOf("inner", [next], inner));
    await platform.removeContainer(old);
    expect(await asked()).toEqual(["old", "next"]);
    expect(await strange()).toEqual(["403"]);
    const found = await release.read?.("", after, platform.context, after);
    expect(found?.inputs).toMatchObject({ containers: [next], internalPort: 20_077 });
  });
});
