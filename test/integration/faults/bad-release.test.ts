import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recordFault } from "../../support/fault-results.ts";
import { createFaultyWorkspace } from "../../support/faulty.ts";
import type { Edition, FaultyWorkspace } from "../../support/faulty.ts";

let workspace: FaultyWorkspace;

beforeAll(async () => {
  workspace = await createFaultyWorkspace();
});

afterAll(async () => {
  await workspace.remove();
});

describe("a release that is no good", () => {
  it.each<[string, NonNullable<Edition["mode"]>, RegExp]>([
    ["its program exits", "exit", /exited with code 3.*; its last log lines:\n\s+cannot open the database/],
    ["it never becomes healthy", "unhealthy", /not ready within gateSeconds = 6 s: GET \/up answered 500/],
    [
      "it listens on the wrong port",
      "port",
      /not ready within gateSeconds = 6 s: nothing accepts connections on .*:8080/,
    ],
  ])("leaves the old version serving when %s, and the next good one needs no help", async (what, mode, reason) => {
    const before = await workspace.answering();
    const endVisit = await workspace.visit();
    await workspace.declare({ edition: `bad-${mode}`, mode });
    const { exitCode, output } = await workspace.deploy();
    const ended = Date.now();
    expect(exitCode).not.toBe(0);
    expect(output).toMatch(reason);
    expect(await workspace.answering()).toBe(before);
    const seconds = (ended - (await beginningOf(mode))) / 1000;

    await workspace.declare({ edition: `good-${mode}` });
    expect(await workspace.deploy()).toMatchObject({ exitCode: 0 });
    expect(await workspace.answering()).toBe(`good-${mode}`);
    expect(await workspace.containers()).toHaveLength(1);

    const { requests, lost } = await endVisit(ended);
    expect(lost).toBe(0);
    const began = mode === "exit" ? "the crash" : "the start of the new container; it may take gateSeconds = 6 s";
    await recordFault({
      fault: `bad release: ${what}`,
      recovery: "pulumi up of a good version",
      result: `the old version serves; up ends this long after ${began}`,
      requestsLost: lost,
      requests,
      seconds: Math.round(10 * seconds) / 10,
    });
  });

  it("leaves the old version serving when its Dockerfile does not build", async () => {
    const before = await workspace.answering();
    const endVisit = await workspace.visit();
    await workspace.edit("faulty/Dockerfile", (text) => `${text}RUN echo no compiler here && false\n`);
    const began = Date.now();
    const { exitCode, output } = await workspace.deploy();
    expect(exitCode).not.toBe(0);
    expect(output).toContain("no compiler here");
    expect(await workspace.answering()).toBe(before);
    const seconds = Math.round((Date.now() - began) / 100) / 10;

    await workspace.edit("faulty/Dockerfile", (text) => text.replace(/RUN .*\n$/, ""));
    expect(await workspace.deploy()).toMatchObject({ exitCode: 0 });
    expect(await workspace.containers()).toHaveLength(1);
    const { requests, lost } = await endVisit(began);
    expect(lost).toBe(0);
    await recordFault({
      fault: "bad release: its Dockerfile does not build",
      recovery: "pulumi up of a good version",
      result: "up ends with the build's last lines; the old version serves",
      requestsLost: lost,
      requests,
      seconds,
    });
  });
});

/** When the newest container first crashed or, where it does not, when it started; in milliseconds since 1970. */
async function beginningOf(mode: Edition["mode"]): Promise<number> {
  const [newest] = (await workspace.containers()).sort((a, b) => b.Created - a.Created);
  const until = Math.ceil(Date.now() / 1000);
  const filters = JSON.stringify({ container: [newest?.Id ?? ""], event: [mode === "exit" ? "die" : "start"] });
  const events = await workspace.docker.getEvents({ since: until - 120, until, filters });
  const [first = ""] = (await text(events)).split("\n");
  return (JSON.parse(first) as { timeNano: number }).timeNano / 1e6;
}
