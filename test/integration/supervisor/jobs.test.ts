import { randomBytes } from "node:crypto";
import Docker from "dockerode";
import { afterAll, afterEach, beforeEach, expect, it } from "vitest";
import { jobRelease } from "../../../provider/job-release.ts";
import type { ResourceContext } from "../../../provider/plugin/resource.ts";
import { IMAGE } from "../provider/harness.ts";
import { watch } from "./watch.ts";
import type { Watch } from "./watch.ts";

const docker = new Docker();
const namespace = `test-${randomBytes(4).toString("hex")}`;
const progress: string[] = [];
const context: ResourceContext = {
  urn: "",
  name: "test",
  config: {},
  signal: new AbortController().signal,
  randomSeed: new Uint8Array(),
  progress: (message) => progress.push(message),
  info: () => undefined,
  warn: () => undefined,
};

let supervisor: Watch;

beforeEach(() => {
  supervisor = watch(namespace);
});

afterEach(async () => {
  await supervisor.end();
  await removeAll();
});

afterAll(removeAll);

async function removeAll(): Promise<void> {
  const filters = { label: [`slipway.namespace=${namespace}`] };
  const containers = await docker.listContainers({ all: true, filters });
  await Promise.all(containers.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
}

/** The container of a job that is due each second, as the component makes it. */
async function createJob(name: string, script: string, timeoutSeconds = 60): Promise<string> {
  const container = `${namespace}-${name}`;
  await docker.createContainer({
    name: container,
    Image: IMAGE,
    User: "1000",
    Entrypoint: ["sh", "-c", script],
    Labels: {
      "slipway.namespace": namespace,
      "slipway.environment": "dev",
      "slipway.role": "job",
      "slipway.job": "often",
      "slipway.schedule": "* * * * * *",
      "slipway.timeoutSeconds": String(timeoutSeconds),
    },
    HostConfig: { NetworkMode: "none" },
  });
  return container;
}

function inputsOf(container: string) {
  return { namespace, environment: "dev", job: "often", container, waitSeconds: 60, pidsLimit: 50, allowRoot: false };
}

const actions = () => supervisor.log.map(({ action }) => action);
const untilSeen = (count: number, action: string) =>
  expect.poll(() => actions().filter((it) => it === action).length, { timeout: 60_000 }).toBeGreaterThanOrEqual(count);

it("a job runs whenever it is due and never beside itself, and each run's end is told", async () => {
  const container = await createJob("1", "echo begun; sleep 2; echo ended");
  await jobRelease.create(inputsOf(container), context);

  await untilSeen(2, "ended");

  // The next run may have begun by now.
  const told = actions().filter((action) => action !== "skip");
  expect(told.slice(0, 4)).toEqual(["run", "ended", "run", "ended"]);
  expect(actions()).toContain("skip");
  expect(supervisor.log.find(({ action }) => action === "ended")).toMatchObject({ container, exitCode: 0 });
  const output = (await docker.getContainer(container).logs({ stdout: true })).toString();
  expect(output.match(/begun|ended/g)?.slice(0, 4)).toEqual(["begun", "ended", "begun", "ended"]);
});

it("a run that takes too long is stopped", async () => {
  await jobRelease.create(inputsOf(await createJob("1", "trap 'exit 7' TERM; sleep 60 & wait", 1)), context);

  await untilSeen(1, "ended");

  expect(supervisor.log.find(({ action }) => action === "time-out")).toMatchObject({
    why: "it runs for more than timeoutSeconds = 1",
  });
  expect(supervisor.log.find(({ action }) => action === "ended")).toMatchObject({ exitCode: 7 });
});

it("a release lets the old version's run end, and the next run is the new version's", async () => {
  const old = await createJob("1", "sleep 3");
  const { state } = await jobRelease.create(inputsOf(old), context);
  await untilSeen(1, "run");
  const next = await createJob("2", "sleep 1");

  await jobRelease.update?.("", state, inputsOf(next), context);

  expect((await docker.getContainer(old).inspect()).State).toMatchObject({ Running: false, ExitCode: 0 });
  expect(progress[0]).toMatch(`waiting until the run of ${old} has ended (`);
  await untilSeen(2, "run");
  expect(supervisor.log.filter(({ action }) => action === "run").at(-1)).toMatchObject({ container: next });
});

it("a version that was given up before its release does not run", async () => {
  const old = await createJob("1", "true");
  await jobRelease.create(inputsOf(old), context);
  await createJob("2", "true");

  await untilSeen(2, "ended");

  expect([
    ...new Set(supervisor.log.filter(({ action }) => action === "run").map(({ container }) => container)),
  ]).toEqual([old]);
});

it("a job that would run as root is refused, and does not run", async () => {
  const container = await docker.createContainer({
    Image: IMAGE,
    User: "0",
    Entrypoint: ["true"],
    Labels: { "slipway.namespace": namespace },
  });
  const { Name } = await container.inspect();

  await expect(jobRelease.create(inputsOf(Name.slice(1)), context)).rejects.toThrow("run as root");
});

it("a container that a killed up has made shows as a change, and the next up removes it", async () => {
  const old = await createJob("1", "true");
  const { state } = await jobRelease.create(inputsOf(old), context);
  const orphan = await createJob("2", "true");

  const found = await jobRelease.read?.("", state, context, inputsOf(old));
  await jobRelease.update?.("", state, inputsOf(old), context);

  expect(found?.inputs).toMatchObject({ container: orphan });
  await expect(docker.getContainer(orphan).inspect()).rejects.toThrow("No such container");
});
