import { describe, expect, it } from "vitest";
import { chooseImage } from "../../../toolchain/needs/images.ts";

const official = "docker.io/library/haproxy:3.2-alpine";

describe("chooseImage", () => {
  it("takes what images.json says", () => {
    expect(chooseImage("haproxy", official, {})).toEqual({ reference: official });
  });

  it("requires the image that the user names", () => {
    const environment = { SLIPWAY_IMAGE_HAPROXY: "mirror.example/haproxy:3.2" };
    expect(chooseImage("haproxy", official, environment)).toEqual({
      reference: "mirror.example/haproxy:3.2",
      requiredBy: "SLIPWAY_IMAGE_HAPROXY",
    });
  });

  it("takes a stand-in's name for the trace of an earlier start", () => {
    const environment = { SLIPWAY_IMAGE_HAPROXY: "slipway-stand-in/haproxy:2.6" };
    expect(chooseImage("haproxy", official, environment)).toEqual({ reference: official });
  });

  it("takes an empty setting for none", () => {
    expect(chooseImage("haproxy", official, { SLIPWAY_IMAGE_HAPROXY: "" })).toEqual({ reference: official });
  });
});
