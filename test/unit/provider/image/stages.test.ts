import { expect, it } from "vitest";
import { baseOf } from "../../../../provider/image/stages.ts";

const DOCKERFILE = `
ARG REGISTRY=r.io
ARG TAG
FROM --platform=linux/amd64 \${REGISTRY}/base:$TAG AS Build
ARG TAG=inner
FROM build AS test
FROM r.io/run AS run
FROM scratch AS empty
FROM test
`;

it.each([
  [undefined, "r.io/base:2"],
  ["build", "r.io/base:2"],
  ["test", "r.io/base:2"],
  ["run", "r.io/run"],
  ["empty", undefined],
  ["none", undefined],
])("the base of the stage %s is %s", (target, base) => {
  expect(baseOf(DOCKERFILE, { args: { TAG: "2" }, target })).toBe(base);
});

it("is none where a stage is named like the image that it starts from", () => {
  expect(baseOf("FROM node AS node")).toBe("node");
});
