import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { limitProcesses } from "../../../../provider/engine/limit.ts";

const refusal = (statusCode: number) => Object.assign(new Error("cannot update a stopped container"), { statusCode });

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

it("a container that is just starting again gets its limit", async () => {
  const update = vi.fn().mockRejectedValueOnce(refusal(500)).mockResolvedValue(undefined);
  const limited = limitProcesses({ update }, 200);
  await vi.runAllTimersAsync();
  await limited;
  expect(update.mock.calls).toEqual([[{ PidsLimit: 200 }], [{ PidsLimit: 200 }]]);
});

it.each([
  ["an engine that goes on to refuse is believed", 500, 10],
  ["a container that is gone is not asked for again", 404, 1],
])("%s", async (_, status, times) => {
  const update = vi.fn().mockRejectedValue(refusal(status));
  const limited = expect(limitProcesses({ update }, 200)).rejects.toThrow("cannot update a stopped container");
  await vi.runAllTimersAsync();
  await limited;
  expect(update).toHaveBeenCalledTimes(times);
});
