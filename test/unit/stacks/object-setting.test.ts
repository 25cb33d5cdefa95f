import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { objectSetting, pinsShape, rotationsShape } from "../../../stacks/shared/object-setting.ts";

const IMAGE = `127.0.0.1:5000/slipway/dev/web@sha256:${"a".repeat(64)}`;
const place = `Pulumi.${pulumi.getStack()}.yaml`;

describe("a setting that commands write", () => {
  it("is what they wrote", () => {
    const rotations = { reviewer: { generation: 2, keepsPrevious: true } };

    expect(objectSetting("pins", JSON.stringify({ web: IMAGE }), pinsShape)).toEqual({ web: IMAGE });
    expect(objectSetting("rotations", JSON.stringify(rotations), rotationsShape)).toEqual(rotations);
  });

  it("is empty where nothing was written", () => {
    expect(objectSetting("pins", undefined, pinsShape)).toEqual({});
    expect(objectSetting("rotations", undefined, rotationsShape)).toEqual({});
  });

  it("tells all that a hand has broken at once, each with its place", () => {
    const written = { reviewer: { generation: "two" }, other: 3, third: { generation: 1, keepsPrevious: true, x: 1 } };

    expect(() => objectSetting("rotations", JSON.stringify(written), rotationsShape)).toThrow(
      new pulumi.RunError(
        [
          `4 faults in ${place}, slipway:rotations:`,
          "  other: must be an object with the settings of a rotation, got 3",
          '  reviewer.generation: must be an integer from 0 to 1000000, got "two"',
          "  reviewer.keepsPrevious: must be true or false, got nothing",
          "  third.x: is no setting of a rotation; there are: generation, keepsPrevious",
        ].join("\n"),
      ),
    );
  });

  it.each([
    ["no object at all", "latest", '  must be an object of images by service, got "latest"'],
    [
      "an image by tag",
      '{"web":"nginx:1"}',
      '  web: must be an image by digest, name@sha256:…, got "nginx:1"; a tag can be moved to other content, a digest cannot; docker pull prints it',
    ],
  ])("refuses %s as a pin", (_what, written, line) => {
    expect(() => objectSetting("pins", written, pinsShape)).toThrow(
      new pulumi.RunError(`1 fault in ${place}, slipway:pins:\n${line}`),
    );
  });
});
