import { expect, it } from "vitest";
import { readSummary } from "../../load/k6.ts";
import { lossesOf, measurementOf, requestsOf } from "../../load/measurement.ts";

const counter = (count: number) => ({ type: "counter", contains: "default", values: { count, rate: 1 } });
const trend = (med: number, p99: number, max: number) => ({ values: { med, "p(99)": p99, max } });
const COMPLAINT = "post: 503 no server";

function summary() {
  const metrics = {
    answered_get: counter(300),
    milliseconds_get: trend(2, 9, 40),
    answered_post: counter(98),
    failed_post: counter(2),
    milliseconds_post: trend(3, 8, 30),
    release_10: counter(150),
    release_9: counter(250),
    release_11: counter(0),
    dropped_iterations: counter(5),
    backwards: counter(1),
    http_reqs: counter(400),
  };
  return readSummary(JSON.stringify({ metrics, state: { testRunDurationMs: 4000 } }), ["get", "post"], [COMPLAINT]);
}

it("reads k6's counts, with the releases that answered in their order", () => {
  expect(summary()).toEqual({
    seconds: 4,
    kinds: {
      get: { answered: 300, failed: 0, median: 2, p99: 9, max: 40 },
      post: { answered: 98, failed: 2, median: 3, p99: 8, max: 30 },
    },
    dropped: 5,
    releases: [
      { release: 9, answers: 250 },
      { release: 10, answers: 150 },
    ],
    backwards: 1,
    complaints: [COMPLAINT],
  });
});

it("tells what went wrong, kind by kind", () => {
  expect(lossesOf(summary())).toEqual({ failed: { post: 2 }, dropped: 5, backwards: 1, complaints: [COMPLAINT] });
});

it("counts a request that found no client as lost, though it was never sent", () => {
  const release = { release: 9, seconds: 6, stages: { gate: 1, switch: 0.2, drain: undefined } };
  const { goal, remarks, series } = measurementOf([release], [summary()], { restarts: 1, traffic: [summary()] });

  expect(requestsOf([summary()])).toBe(400);
  expect(goal).toEqual({ name: "requests lost", value: 7, atMost: 0, met: false });
  expect(remarks).toEqual([
    "400 requests: get 300, post 98",
    "control: 7 of 400 requests lost when the containers were stopped and started 1 times",
  ]);
  expect(series.map(({ name }) => name)).toEqual([
    ...["pulumi up", "gate of a release", "switch of a release", "answers of a release"],
    ...["get, HTTP/1.1: median", "get, HTTP/1.1: p99", "post, HTTP/1.1: median", "post, HTTP/1.1: p99"],
  ]);
});
