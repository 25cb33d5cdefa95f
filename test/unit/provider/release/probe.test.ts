import { expect, it } from "vitest";
import { judge } from "../../../../provider/release/probe.ts";

const target = "172.18.0.5:8080";

it.each([
  ["200 answered ", { passed: true, answer: "GET /up answered 200" }],
  ["302 answered ", { passed: true, answer: "GET /up answered 302" }],
  ["404 answered ", { passed: false, answer: "GET /up answered 404" }],
  ["503 answered ", { passed: false, answer: "GET /up answered 503" }],
  ["503 ", { passed: false, answer: "nothing accepts connections on 172.18.0.5:8080" }],
  ["502 ", { passed: false, answer: "no HTTP answer to GET /up from 172.18.0.5:8080" }],
  ["", { passed: false, answer: "no answer to GET /up within 3 s" }],
])("reads %j as the answer to a path", (printed, expected) => {
  expect(judge(printed, "/up", target, 3)).toEqual(expected);
});

it.each([
  ["404 answered ", true],
  ["502 ", true],
  ["503 ", false],
  ["", false],
])("reads %j as the answer to a connection", (printed, passed) => {
  expect(judge(printed, undefined, target, 3).passed).toBe(passed);
});
