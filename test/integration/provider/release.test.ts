import { Agent } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Properties } from "../../../provider/plugin/resource.ts";
import { release } from "../../../provider/release.ts";
import { releaseInputs } from "../../../provider/release/inputs.ts";
import { TestPlatform } from "./harness.ts";

const platform = new TestPlatform();

beforeAll(() => platform.start());
afterAll(() => platform.stop());

function inputsOf(service: string, containers: string[], more: Properties = {}): Properties {
  return {
    namespace: platform.namespace,
    environment: "dev",
    service,
    containers,
    port: 8080,
    health: { path: "/health" },
    hosts: [`${service}.test`],
    image: "app@sha256:0",
    version: containers.join(),
    network: platform.namespace,
    drainSeconds: 10,
    gateSeconds: 10,
    ...more,
  };
}

async function create(inputs: Properties) {
  const { id, state } = await release.create(inputs, platform.context);
  return { id, state: { ...inputs, ...state } };
}

async function update(olds: Properties, inputs: Properties): Promise<Properties> {
  const state = await release.update?.("", olds, inputs, platform.context);
  return { ...inputs, ...state };
}

const read = (state: Properties) => release.read?.("", state, platform.context, state);
const remove = async (state: Properties) => release.delete?.("", state, platform.context);

describe("a release", () => {
  it("routes a host to the first version, and nothing else", async () => {
    const { state } = await create(inputsOf("first", [await platform.startApp("first", { version: "one" })]));
    expect(await platform.get("first.test")).toMatchObject({ status: 200, body: "one" });
    expect(await platform.get("FIRST.test:8443")).toMatchObject({ status: 200 });
    expect(await platform.get("other.test")).toMatchObject({ status: 404 });
    expect((await platform.get("first.test", "/headers")).body).toMatch(/^\d+\.\d+\.\d+\.\d+ https [0-9a-f-]{36}$/);
    expect((await platform.get("first.test")).headers.get("strict-transport-security")).toBe("max-age=63072000");
    expect(await platform.getPlain("first.test", "/a?b=c")).toEqual({
      status: 308,
      location: "https://first.test:8443/a?b=c",
    });
    expect(await platform.getPlain("other.test", "/")).toEqual({ status: 404, location: undefined });
    const found = await read(state);
    expect(found?.inputs).toEqual(releaseInputs.parse(state));
    await remove(state);
    expect(await platform.get("first.test")).toMatchObject({ status: 404 });
    expect(await read(state)).toBeUndefined();
  });

  it("answers every request while versions follow each other", async () => {
    let container = await platform.startApp("load", { version: "v0" });
    let { state } = await create(inputsOf("load", [container]));
    const stop = platform.startLoad("load.test", 16);
    for (const version of ["v1", "v2", "v3"]) {
      const next = await platform.startApp("load", { version });
      state = await update(state, inputsOf("load", [next]));
      expect(await platform.get("load.test")).toMatchObject({ body: version });
      await platform.removeContainer(container);
      container = next;
    }
    await sleep(300);
    const { answers, failures } = await stop();
    expect(failures).toEqual([]);
    expect([...answers.keys()]).toEqual(["v0", "v1", "v2", "v3"]);
    await remove(state);
  });

  it("answers every request while the number of replicas, the port and the health path change", async () => {
    let olds = [await platform.startApp("shape", { version: "a" })];
    let { state } = await create(inputsOf("shape", olds));
    const stop = platform.startLoad("shape.test", 8);
    const steps: { version: string; replicas: number; port: number; health?: { path: string } }[] = [
      { version: "b", replicas: 3, port: 8080, health: { path: "/health" } },
      { version: "c", replicas: 3, port: 9090, health: { path: "/" } },
      { version: "d", replicas: 1, port: 9090 },
    ];
    for (const { version, replicas, port, health } of steps) {
      const news = [];
      for (let i = 0; i < replicas; i++) news.push(await platform.startApp("shape", { version, port }));
      state = await update(state, inputsOf("shape", news, { port, health }));
      await Promise.all(olds.map((name) => platform.removeContainer(name)));
      olds = news;
    }
    const { answers, failures } = await stop();
    expect(failures).toEqual([]);
    expect([...answers.keys()]).toEqual(["a", "b", "c", "d"]);
    expect(await read(state)).toMatchObject({ inputs: { containers: olds, port: 9090 } });
    await remove(state);
  });

  it("answers who was idle meanwhile on the connection that was open, then has it closed", async () => {
    const agent = new Agent({ keepAlive: true });
    const old = await platform.startApp("idle", { version: "old" });
    const { state } = await create(inputsOf("idle", [old]));
    expect(await platform.get("idle.test", "/", agent)).toMatchObject({ body: "old" });
    const [connection] = Object.values(agent.freeSockets)[0] ?? [];

    const news = [];
    for (let i = 0; i < 3; i++) news.push(await platform.startApp("idle", { version: "new", port: 9090 }));
    const after = await update(state, inputsOf("idle", news, { port: 9090, health: { path: "/" } }));
    await platform.removeContainer(old);
    expect(connection).toMatchObject({ destroyed: false });
    const { body, headers } = await platform.get("idle.test", "/", agent);

    // Only the worker from before the reload says so.
    expect({ body, connection: headers.get("connection") }).toEqual({ body: "new", connection: "close" });
    await remove(after);
  });

  it("fails at once when a container exits, with its code and last words; the old version still serves", async () => {
    const { state } = await create(inputsOf("exits", [await platform.startApp("exits", { version: "good" })]));
    const bad = await platform.runApp("exits", "echo cannot open the database; exit 3");
    // Longer than a test may take: who waited for the gate would not get there.
    await expect(update(state, inputsOf("exits", [bad], { gateSeconds: 3600 }))).rejects.toThrow(
      new RegExp(
        `^container ${bad} exited with code 3( and was restarted)?; its last log lines:\\n(  cannot open the database\\n?)+$`,
      ),
    );
    expect(await platform.get("exits.test")).toMatchObject({ status: 200, body: "good" });
    expect(await read(state)).toMatchObject({ inputs: { containers: state.containers } });
    await remove(state);
  });

  it("fails at gateSeconds with the result of the last check; nothing of a first release is left", async () => {
    const sick = await platform.startApp("sick", { version: "sick", healthStatus: 503 });
    const inputs = inputsOf("sick", [sick], { gateSeconds: 2 });
    await expect(create(inputs)).rejects.toThrow(
      `container ${sick} was not ready within gateSeconds = 2 s: GET /health answered 503`,
    );
    expect(await platform.inProxy("ls /etc/slipway/services /etc/slipway/staging")).not.toContain("sick");
    expect(await platform.get("sick.test")).toMatchObject({ status: 404 });
  });

  it("waits for a slow request to the old version", async () => {
    const { state } = await create(inputsOf("slow", [await platform.startApp("slow", { version: "old" })]));
    const slow = platform.get("slow.test", "/slow");
    await sleep(200);
    let answered = false;
    void slow.then(() => (answered = true));
    const after = await update(state, inputsOf("slow", [await platform.startApp("slow", { version: "new" })]));
    expect(answered).toBe(true);
    expect(await slow).toMatchObject({ status: 200, body: "old" });
    await remove(after);
  });

  it("is seen by a refresh when its file is removed or damaged, or the process disagrees, and is repaired", async () => {
    const container = await platform.startApp("drift", { version: "one" });
    const inputs = inputsOf("drift", [container]);
    let { state } = await create(inputs);

    await platform.inProxy("rm /etc/slipway/services/dev.drift.cfg");
    expect(await read(state)).toBeUndefined();
    ({ state } = await create(inputs));
    expect(await read(state)).toMatchObject({ inputs: { containers: [container], hosts: ["drift.test"] } });

    await platform.inProxy("sed -i s/option/opinion/ /etc/slipway/services/dev.drift.cfg");
    expect(await read(state)).toMatchObject({ inputs: { containers: [], hosts: [] } });
    state = await update(state, inputs);
    expect(await read(state)).toMatchObject({ inputs: { containers: [container], hosts: ["drift.test"] } });

    await platform.inProxy('echo "del map /etc/slipway/hosts.map drift.test/" | nc 127.0.0.1 9999');
    expect(await read(state)).toMatchObject({ inputs: { containers: [container], hosts: [] } });
    state = await update(state, inputs);

    const [slot] = (await platform.inProxy("grep -o 's[0-9] test-[^:]*' /etc/slipway/services/dev.drift.cfg")).split(
      " ",
    );
    await platform.inProxy(`echo "set server dev.drift/${slot ?? ""} state maint" | nc 127.0.0.1 9999`);
    expect(await read(state)).toMatchObject({ inputs: { containers: [] } });
    expect(await platform.get("drift.test")).toMatchObject({ status: 503 });
    state = await update(state, inputs);
    expect(await platform.get("drift.test")).toMatchObject({ status: 200, body: "one" });
    expect(await read(state)).toMatchObject({ inputs: { containers: [container], hosts: ["drift.test"] } });
    await remove(state);
  });

  it("works beside releases of other services", async () => {
    const names = ["one", "two", "three"];
    const states = await Promise.all(
      names.map(async (name) => {
        const first = await create(inputsOf(name, [await platform.startApp(name, { version: `${name}-1` })]));
        return update(first.state, inputsOf(name, [await platform.startApp(name, { version: `${name}-2` })]));
      }),
    );
    for (const name of names) expect(await platform.get(`${name}.test`)).toMatchObject({ body: `${name}-2` });
    for (const state of states) expect(await read(state)).toMatchObject({ inputs: { containers: state.containers } });
    await Promise.all(states.map((state) => remove(state)));
    const left = await platform.inProxy("ls /etc/slipway/services; cat /etc/slipway/hosts.map");
    expect(left).not.toMatch(/one|two|three/);
  });

  it("leads the longest path of a host to its service", async () => {
    const site = await create(inputsOf("site", [await platform.startApp("site", { version: "site" })]));
    const hosts = { hosts: ["site.test/api", "site.test/api/v2/x"] };
    const api = await create(inputsOf("api", [await platform.startApp("api", { version: "api" })], hosts));
    expect(await platform.get("site.test", "/api?q=1")).toMatchObject({ body: "api" });
    expect(await platform.get("site.test", "/api/")).toMatchObject({ body: "api" });
    expect(await platform.get("site.test", "/api/v1")).toMatchObject({ body: "api" });
    expect(await platform.get("site.test", "/apix")).toMatchObject({ body: "site" });
    expect(await platform.get("site.test", "/")).toMatchObject({ body: "site" });
    const rival = inputsOf("rival", [await platform.startApp("rival", { version: "rival" })], { hosts: ["site.test"] });
    await expect(create(rival)).rejects.toThrow(
      'hosts: "site.test" already leads to service "site" of environment "dev", ' +
        'so service "rival" of environment "dev" cannot have it',
    );
    await remove(api.state);
    expect(await platform.get("site.test", "/api")).toMatchObject({ body: "site" });
    await remove(site.state);
  });

  it("goes on where a killed one stopped: a stale lock, files without their reload, slots half filled", async () => {
    const old = await platform.startApp("killed", { version: "old" });
    const { state } = await create(inputsOf("killed", [old]));
    const [half, next] = [
      await platform.startApp("killed", { version: "half" }),
      await platform.startApp("killed", { version: "next" }),
    ];
    await platform.inProxy(`cd /etc/slipway && mkdir lock && touch -t 202001010000 lock && : >reload-pending
      free=$(grep -o 's[0-9] unassigned' services/dev.killed.cfg | cut -d' ' -f1)
      echo "set server dev.killed/$free fqdn ${half}; set server dev.killed/$free state drain" | nc 127.0.0.1 9999`);
    const after = await update(state, inputsOf("killed", [next]));
    expect(await platform.get("killed.test")).toMatchObject({ body: "next" });
    expect(await platform.inProxy("ls /etc/slipway")).toBe(
      "certs\nhaproxy.cfg\nhosts.map\nregistry.map\nservices\nstaging\nstatus.sha256\n",
    );
    expect(await read(after)).toMatchObject({ inputs: { containers: [next] } });
    await remove(after);
  });

  it("outlives its proxy", async () => {
    const { state } = await create(inputsOf("stays", [await platform.startApp("stays", { version: "stays" })]));
    await platform.removeContainer(platform.proxyName);
    expect(await read(state)).toBeUndefined();
    await remove({ ...state, service: "nowhere" });
    await platform.startProxy();
    platform.forgetPorts();
    await expect.poll(() => platform.get("stays.test").catch(() => undefined)).toMatchObject({ body: "stays" });
    expect(await read(state)).toMatchObject({ inputs: { containers: state.containers, hosts: ["stays.test"] } });
    await remove(state);
  });
});
