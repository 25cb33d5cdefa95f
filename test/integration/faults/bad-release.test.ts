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
    const failed = await lastDeath(ended);

    await workspace.declare({ edition: `good-${mode}` });
    expect(await workspace.deploy()).toMatchObject({ exitCode: 0 });
    expect(await workspace.answering()).toBe(`good-${mode}`);
    expect(await workspace.containers()).toHaveLength(1);

    const { requests, lost } = await endVisit(ended);
    expect(lost).toBe(0);
    const seconds = mode === "exit" ? failed : 6;
    const result = mode === "exit" ? "up ends this long after the first crash" : "up ends at gateSeconds";
    await recordFault({
      fault: `bad release: ${what}`,
      recovery: "pulumi up of a good version",
      result: `${result}; the old version serves`,
      requestsLost: lost,
      requests,
      seconds,
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

/** Seconds from the first crash of the newest container until a moment. */
async function lastDeath(until: number): Promise<number> {
  const [newest] = (await workspace.containers()).sort((a, b) => b.Created - a.Created);
  const events = await workspace.docker.getEvents({
    since: Math.floor(until / 1000) - 60,
    until: Math.ceil(until / 1000),
    filters: JSON.stringify({ container: [newest?.Id ?? ""], event: ["die"] }),
  });
  const printed = await text(events);
  const [first] = printed.split("\n");
  const { timeNano } = JSON.parse(first === "" || first === undefined ? "{}" : first) as { timeNano?: number };
  return timeNano === undefined ? 0 : Math.round((until - timeNano / 1e6) / 100) / 10;
}
