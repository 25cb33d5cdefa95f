import { expect, it } from "vitest";
import { until } from "../../../../provider/database/wait.ts";
import type { Wait } from "../../../../provider/database/wait.ts";

type Info = Awaited<ReturnType<Wait["node"]["inspect"]>>;

/** A server whose container has been started again so often, each time that it is looked at. */
function wait(starts: readonly (number | undefined)[], seconds = 60): { wait: Wait; told: string[] } {
  const left = [...starts];
  const node: Wait["node"] = {
    name: "main-1",
    inspect: () => {
      const RestartCount = left.length > 1 ? left.shift() : left[0];
      return Promise.resolve(
        RestartCount === undefined ? undefined : ({ RestartCount, State: { ExitCode: 1 } } as Info),
      );
    },
    log: () => Promise.resolve("  FATAL: no"),
  };
  return { wait: { node, place: "databases.main", goal: "answer", seconds }, told: [] };
}

const run = ({ wait: what, told }: ReturnType<typeof wait>, isDone: () => boolean) =>
  until(what, () => Promise.resolve(isDone()), {
    signal: new AbortController().signal,
    progress: (message) => told.push(message),
  });

it("tells what is waited for, and ends when it is there", async () => {
  const waiting = wait([0]);
  let looks = 0;

  await run(waiting, () => ++looks === 3);

  expect(waiting.told).toEqual(["waiting for main-1 to answer (0 s)", "waiting for main-1 to answer (0 s)"]);
});

it("a server that ends at each start is given up at the third one, with its last words", async () => {
  await expect(run(wait([5, 6, 7, 8]), () => false)).rejects.toThrow(
    "databases.main: main-1 ends with code 1 at each start:\n  FATAL: no",
  );
});

it("a server that takes too long is given up, with its last words", async () => {
  await expect(run(wait([0], 0), () => false)).rejects.toThrow(
    "databases.main: main-1 does not answer after 0 s (readySeconds):\n  FATAL: no",
  );
});

it("a container that is gone is told with what makes it anew", async () => {
  await expect(run(wait([0, undefined]), () => false)).rejects.toThrow(
    "databases.main: the container of main-1 is gone; pulumi up --refresh makes it anew",
  );
});
