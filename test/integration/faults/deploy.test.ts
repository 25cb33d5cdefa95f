import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { shell } from "../../../provider/proxy/shell.ts";
import { recordFault } from "../../support/fault-results.ts";
import { createFaultyWorkspace } from "../../support/faulty.ts";
import type { Edition, FaultyWorkspace } from "../../support/faulty.ts";

const HOST = "app.faults.localhost";

let workspace: FaultyWorkspace;

beforeAll(async () => {
  workspace = await createFaultyWorkspace();
});

afterAll(async () => {
  await workspace.remove();
});

/** Runs a fault and its recovery under visitors, and records what it cost. */
async function cost(
  row: { fault: string; recovery: string; result: string },
  happen: () => Promise<void>,
): Promise<{ lost: number }> {
  const endVisit = await workspace.visit();
  const since = Date.now();
  await happen();
  const { requests, lost, seconds } = await endVisit(since);
  const took = lost === 0 ? Math.round((Date.now() - since) / 100) / 10 : seconds;
  await recordFault({ ...row, requestsLost: lost, requests, seconds: took });
  return { lost };
}

async function expectDeclaredState(edition: string): Promise<void> {
  expect(await workspace.answering()).toBe(edition);
  expect(await workspace.containers()).toHaveLength(1);
  const preview = await workspace.pulumi("preview", "--refresh", "--expect-no-changes", "--stack", "faults");
  expect(preview).toMatchObject({ exitCode: 0 });
}

async function recover(): Promise<void> {
  await workspace.pulumi("cancel", "--yes", "--stack", "faults");
  const { exitCode, output } = await workspace.deploy("--refresh");
  expect(exitCode, output).toBe(0);
}

describe("an up that is killed", () => {
  it.each<[string, string, Edition["mode"]]>([
    ["before the new container is made", "docker:index:Container faults-app-1 creating replacement", "good"],
    ["after the new container is made", "docker:index:Container faults-app-1 created replacement", "good"],
    ["before the switch", "waiting for container faults-app-1", "slow"],
  ])("%s costs no request, and is made good by cancel and up --refresh", async (moment, line, mode) => {
    const edition = moment.replaceAll(" ", "-");
    const row = { fault: `up killed ${moment}`, recovery: "pulumi cancel, pulumi up --refresh" };
    const { lost } = await cost({ ...row, result: "as declared, no orphan" }, async () => {
      await workspace.declare({ edition, mode });
      await workspace.killUpAt(line);
      await recover();
    });
    expect(lost).toBe(0);
    await expectDeclaredState(edition);
  });

  it("during the drain costs no request, the long one included", async () => {
    const long = workspace.get(HOST, "/long");
    const row = {
      fault: "up killed after the switch, during the drain",
      recovery: "pulumi cancel, pulumi up --refresh",
    };
    const { lost } = await cost({ ...row, result: "as declared, no orphan; the long request ended well" }, async () => {
      await workspace.declare({ edition: "drained" });
      await workspace.killUpAt("waiting for 1 requests to the old containers");
      expect(await workspace.answering()).toBe("drained");
      await recover();
    });
    expect((await long).status).toBe(200);
    expect(lost).toBe(0);
    await expectDeclaredState("drained");
  });
});

describe("a running environment", () => {
  it("lets one of two ups at once work, and the other says so", async () => {
    const row = { fault: "two ups at once", recovery: "none: the second says that the stack is locked" };
    const { lost } = await cost({ ...row, result: "one deploys" }, async () => {
      await workspace.declare({ edition: "locked", mode: "slow" });
      const both = await Promise.all([workspace.deploy(), workspace.deploy()]);
      expect(both.map(({ exitCode }) => exitCode === 0).sort()).toEqual([false, true]);
      expect(both.find(({ exitCode }) => exitCode !== 0)?.output).toContain(
        "the stack is currently locked by 1 lock(s)",
      );
    });
    expect(lost).toBe(0);
    await expectDeclaredState("locked");
  });

  it("is routed again after its fragment was damaged by hand", async () => {
    const row = { fault: "a configuration fragment damaged by hand", recovery: "pulumi up --refresh" };
    const { lost } = await cost({ ...row, result: "written anew" }, async () => {
      await shell(await workspace.proxy(), "echo damaged >/etc/slipway/services/faults.app.cfg");
      const { exitCode, output } = await workspace.deploy("--refresh");
      expect(exitCode, output).toBe(0);
    });
    expect(lost).toBe(0);
    await expectDeclaredState("locked");
  });

  it("alone is missing when the proxy starts with its fragment damaged, and others serve", async () => {
    const proxy = await workspace.proxy();
    const endVisit = await workspace.visit("neighbour");
    const since = Date.now();
    await shell(proxy, "echo damaged >/etc/slipway/services/faults.app.cfg");
    await proxy.restart();
    await expect.poll(() => workspace.answering("neighbour").catch(String), { timeout: 30_000 }).toBe("1");
    const { requests, lost, seconds } = await endVisit(since);

    expect(await workspace.answering()).toBe("503");
    expect((await proxy.logs({ stdout: true, stderr: true, tail: 50 })).toString()).toMatch(
      /faults\.app is left out: HAProxy refuses its configuration, which is in \/etc\/slipway\/refused\/faults\.app\.cfg now\. pulumi up --refresh -s faults writes it anew\.\n.*ALERT.*faults\.app\.cfg:1.*damaged/,
    );
    const { exitCode, output } = await workspace.deploy("--refresh");
    expect(exitCode, output).toBe(0);
    await expectDeclaredState("locked");
    await recordFault({
      fault: "a damaged fragment, and the proxy is restarted",
      recovery: "none for all others; for its own service pulumi up --refresh",
      result: "all others answer again as soon as the proxy runs; its own service answers 503 until then",
      ...{ requestsLost: lost, requests, seconds },
    });
  });

  it("comes back by its restart policy when its program is killed", async () => {
    const row = { fault: "crash (kill -9)", recovery: "none: its restart policy" };
    await workspace.declare({ edition: "steady" });
    expect(await workspace.deploy()).toMatchObject({ exitCode: 0 });
    await cost({ ...row, result: "answers again" }, async () => {
      await killProgram();
      await expect.poll(() => workspace.answering(), { timeout: 30_000 }).toBe("steady");
    });
    await expectDeclaredState("steady");
  });

  it("harms no neighbour when it takes more memory than it may", async () => {
    const endNeighbour = await workspace.visit("neighbour");
    const since = Date.now();
    const row = { fault: "out of memory", recovery: "none: its restart policy" };
    await cost({ ...row, result: "answers again; its neighbour lost nothing" }, async () => {
      await workspace.get(HOST, "/hog").catch(() => undefined);
      await expect.poll(() => workspace.answering(), { timeout: 30_000 }).toBe("steady");
    });
    expect((await endNeighbour(since)).lost).toBe(0);
    const [container] = await workspace.containers();
    const { RestartCount } = await workspace.docker.getContainer(container?.Id ?? "").inspect();
    expect(RestartCount).toBeGreaterThan(0);
    await expectDeclaredState("steady");
  });
});

/** Kills the program itself; the init process above it ends with it. */
async function killProgram(): Promise<void> {
  const [container] = await workspace.containers();
  const top = (await workspace.docker.getContainer(container?.Id ?? "").top({ ps_args: "-o pid,args" })) as {
    Processes: string[][];
  };
  const program = top.Processes.find((row) => row.join(" ").includes("server.mjs") && !row.join(" ").includes("init"));
  process.kill(Number(program?.[0]), "SIGKILL");
}
