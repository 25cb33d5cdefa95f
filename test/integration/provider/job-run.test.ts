import { randomBytes } from "node:crypto";
import Docker from "dockerode";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { definitionOf } from "../../../provider/job/definition.ts";
import { jobRunInputs } from "../../../provider/job/inputs.ts";
import { jobRun } from "../../../provider/job-run.ts";
import type { JobRunInputs } from "../../../provider/job-run.ts";
import { PartialFailure } from "../../../provider/plugin/resource.ts";
import type { Properties, ResourceContext } from "../../../provider/plugin/resource.ts";
import { removeLabelled } from "../../support/remove-labelled.ts";
import { IMAGE } from "./harness.ts";

const docker = new Docker();
const namespace = `test-${randomBytes(4).toString("hex")}`;
const name = `${namespace}-dev-migrate-run`;
const volume = `${namespace}-schema`;
const WHAT_FOLLOWS = "what waits for it was not released, and the next up runs it again. Its last log lines:\n";

let told: { kind: string; text: string }[];
let context: ResourceContext;

beforeEach(async () => {
  told = [];
  context = contextWith(new AbortController().signal);
  await docker.createVolume({ Name: volume, Labels: { "slipway.namespace": namespace } });
});

afterEach(() => removeLabelled(docker, namespace));
afterAll(() => removeLabelled(docker, namespace));

function contextWith(signal: AbortSignal): ResourceContext {
  const teller = (kind: string) => (text: string) => void told.push({ kind, text });
  return {
    ...{ urn: "", name: "test", config: {}, signal, randomSeed: new Uint8Array() },
    ...{ progress: teller("progress"), info: teller("info"), warn: teller("warning") },
  };
}

const linesOf = (kind: string) => told.filter((it) => it.kind === kind).map(({ text }) => text);

/** The inputs that the component hands over, with a script for a program. The volume is writable for its user. */
function inputsOf(script: string, more: Partial<JobRunInputs> = {}): JobRunInputs {
  return {
    ...{ namespace, environment: "dev", job: "migrate", image: IMAGE, version: "v1", network: "none" },
    command: ["sh", "-c", script],
    envs: ["SLIPWAY_JOB=migrate"],
    volumes: [{ volumeName: volume, containerPath: "/schema", readOnly: false }],
    ...{ user: "0", allowRoot: true, timeoutSeconds: 30, pidsLimit: 50, memory: 32, memorySwap: 32, cpus: "0.5" },
    ...{ readOnly: true, tmpfs: { "/tmp": "rw,size=1m" }, capabilities: { drops: ["ALL"] }, init: true },
    ...{ securityOpts: ["no-new-privileges:true"], logDriver: "json-file", logOpts: { "max-size": "1m" } },
    ...more,
  };
}

const run = async (inputs: JobRunInputs) => (await jobRun.create(inputs, context)).state;
const update = (olds: Properties, inputs: JobRunInputs) => jobRun.update?.("", olds, inputs, context);

/** How a run that fails says so; create leaves on record what an `up` needs to mend it. */
async function failureOf(inputs: JobRunInputs): Promise<PartialFailure> {
  const failure: unknown = await jobRun.create(inputs, context).then(
    () => "it succeeded",
    (error: unknown) => error,
  );
  if (failure instanceof PartialFailure) return failure;
  throw failure;
}

/** A container as an `up` makes it that is killed afterwards. */
async function leftBehind(script: string, more: Partial<JobRunInputs> = {}): Promise<Docker.Container> {
  return docker.createContainer(definitionOf(jobRunInputs.parse(inputsOf(script, more))));
}

describe("a run", () => {
  it("tells each line as it comes, and how long it took", async () => {
    const goOn = "trap 'echo second >&2; printf unfinished; exit' USR1";
    const running = run(inputsOf(`${goOn}; echo first; while :; do sleep 0.1; done`));
    await expect.poll(() => linesOf("info"), { timeout: 20_000 }).toEqual(["migrate: first"]);
    await docker.getContainer(name).kill({ signal: "USR1" });
    const state = await running;

    expect(linesOf("info")).toEqual([
      "migrate: first",
      "migrate: second",
      "migrate: unfinished",
      expect.stringMatching(/^migrate v1: done after \d\.\d s$/),
    ]);
    expect(state).toMatchObject({ container: name, ranAt: expect.any(String) as string, version: "v1" });
  });

  it("is as closed as it was asked to be, and no server's health is asked for", async () => {
    await run(inputsOf("true"));

    const { Config, HostConfig, State } = await docker.getContainer(name).inspect();
    expect(State).toMatchObject({ Status: "exited", ExitCode: 0 });
    expect(Config.Labels).toMatchObject({
      "slipway.role": "job",
      "slipway.job": "migrate",
      "slipway.version": "v1",
      "slipway.timeoutSeconds": "30",
    });
    expect(Config.Healthcheck).toEqual({ Test: ["NONE"] });
    expect(HostConfig).toMatchObject({
      Binds: [`${volume}:/schema:rw`],
      NetworkMode: "none",
      ReadonlyRootfs: true,
      CapAdd: [],
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges:true"],
      Memory: 32 * 1024 * 1024,
      MemorySwap: 32 * 1024 * 1024,
      NanoCpus: 500_000_000,
      PidsLimit: 50,
      Init: true,
      RestartPolicy: { Name: "no" },
      LogConfig: { Type: "json-file", Config: { "max-size": "1m" } },
    });
  });

  it.each<[string, string, Partial<JobRunInputs>, string]>([
    ["fails", "echo 'no column age'; exit 3", {}, `job migrate exited with code 3; ${WHAT_FOLLOWS}  no column age`],
    ["crashes", "kill -SEGV $$", {}, `job migrate exited with code 139; ${WHAT_FOLLOWS}  (it printed nothing)`],
    [
      "hangs",
      "echo waiting for a lock; sleep 60",
      { timeoutSeconds: 1 },
      `job migrate did not end within timeoutSeconds = 1 and was stopped; ${WHAT_FOLLOWS}  waiting for a lock`,
    ],
    ["has no such program", "", { command: ["no-such-program"] }, "job migrate exited with code 127;"],
  ])("that %s says so with its last log lines", async (_how, script, more, message) => {
    const failure = await failureOf(inputsOf(script, more));

    expect(failure.message).toContain(message);
    expect(failure.state).not.toHaveProperty("ranAt");
    expect((await docker.getContainer(name).inspect()).State.Running).toBe(false);
  });

  it("that takes more memory than it may says so", async () => {
    const failure = await failureOf(inputsOf("dd if=/dev/zero of=/dev/null bs=200M count=1"));

    expect(failure.message).toContain("job migrate was killed for want of memory: memoryMb = 32;");
  });

  it("ends when the deploy is stopped", async () => {
    const stop = new AbortController();
    context = contextWith(stop.signal);
    const failing = failureOf(inputsOf("echo begun; sleep 60"));
    await expect.poll(() => linesOf("info"), { timeout: 20_000 }).toContain("migrate: begun");

    stop.abort();

    expect((await failing).message).toContain("job migrate was stopped before its end;");
    expect((await docker.getContainer(name).inspect()).State.Running).toBe(false);
  });

  it("does not fill the output without end", async () => {
    await run(inputsOf("i=0; while [ $i -lt 600 ]; do i=$((i+1)); echo $i; done"));

    expect(linesOf("info").slice(498, 502)).toEqual([
      "migrate: 499",
      "migrate: 500",
      `migrate: (more with docker logs ${name})`,
      expect.stringContaining("done after"),
    ]);
  });

  it("as root is refused where nobody has permitted it, and leaves the name free", async () => {
    const failure = await failureOf(inputsOf("true", { allowRoot: false }));

    expect(failure.message).toContain(`containers ${name} run as root`);
    await expect(docker.getContainer(name).inspect()).rejects.toThrow("No such container");
  });
});

describe("a job runs again", () => {
  const first = inputsOf("echo ran >>/schema/runs; wc -l </schema/runs");

  it.each<[string, () => Promise<Partial<JobRunInputs>>]>([
    ["image", async () => ({ image: (await docker.getImage(IMAGE).inspect()).Id, envs: ["SLIPWAY_VERSION=v2"] })],
    ["environment", async () => Promise.resolve({ envs: ["DATABASE_HOST=main"] })],
    [
      "volumes or secrets",
      async () => {
        const secrets = { volumeName: volume, containerPath: "/run/secrets", readOnly: true };
        return Promise.resolve({ volumes: [...first.volumes, secrets] });
      },
    ],
  ])("when its %s changed, and the preview says so", async (what, change) => {
    const state = await run(first);
    const news = { ...first, ...(await change()) };
    jobRun.diff?.({ inputs: first, state }, news, context);
    await update(state, news);

    expect(linesOf("info")).toContain(`migrate runs before what waits for it is released: its ${what} changed`);
    expect(linesOf("info")).toContain("migrate: 2");
  });

  it("when the last run has failed, and not when its limits alone changed", async () => {
    const { state } = await failureOf(inputsOf("exit 1"));

    const mended = await update(state, first);
    const limited = await update(mended ?? {}, { ...first, pidsLimit: 60, timeoutSeconds: 60 });

    expect(linesOf("info").filter((line) => line === "migrate: 1")).toHaveLength(1);
    expect(linesOf("info")).not.toContain("migrate: 2");
    expect(limited).toMatchObject({ pidsLimit: 60, ranAt: mended?.ranAt });
  });
});

describe("two runs never overlap", () => {
  const script = (who: string) => `echo begin ${who} >>/schema/log; sleep 2; echo end ${who} >>/schema/log`;

  it("not those of two ups at once", async () => {
    await Promise.all([run(inputsOf(script("a"))), run(inputsOf(script("b")))]);

    await run(inputsOf("cat /schema/log"));
    const log = linesOf("info").filter((line) => /begin|end/.test(line));
    const [winner, other] = log[0] === "migrate: begin a" ? ["a", "b"] : ["b", "a"];
    expect(log).toEqual(
      [`begin ${winner}`, `end ${winner}`, `begin ${other}`, `end ${other}`].map((it) => `migrate: ${it}`),
    );
    expect(linesOf("progress")).toContain("waiting until the run of migrate that another deploy has begun has ended");
  });

  it("nor one with what a killed up has left running", async () => {
    await (await leftBehind(script("killed"))).start();

    await run(inputsOf("cat /schema/log"));

    expect(linesOf("info").slice(0, 2)).toEqual(["migrate: begin killed", "migrate: end killed"]);
  });

  it("and one that a killed up has left hanging is stopped when its time is over", async () => {
    await (await leftBehind("sleep 60", { timeoutSeconds: 1 })).start();

    await run(inputsOf("echo mended"));

    expect(linesOf("warning")).toEqual([
      "migrate: a run that another deploy has begun still ran after 1 s and is stopped",
    ]);
    expect(linesOf("info")[0]).toBe("migrate: mended");
  });

  it("and one that a killed up could not start is in nobody's way", async () => {
    await leftBehind("true");

    await run(inputsOf("echo mended"));

    expect(linesOf("info")[0]).toBe("migrate: mended");
  });

  it("but a container of somebody else is left alone", async () => {
    const stranger = await docker.createContainer({
      ...{ name, Image: IMAGE, Entrypoint: ["true"], Labels: { "slipway.namespace": namespace } },
    });

    const failure = await failureOf(inputsOf("true"));

    expect(failure.message).toBe(`container ${name} is in the way: job migrate needs its name; remove or rename it`);
    expect((await stranger.inspect()).State.Status).toBe("created");
  });
});

it("a job that leaves the stack ends, and its container goes", async () => {
  const state = await run(inputsOf("true"));
  await docker.getContainer(name).start();

  await jobRun.delete?.("", state, context);

  await expect(docker.getContainer(name).inspect()).rejects.toThrow("No such container");
});
