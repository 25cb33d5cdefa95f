import { describe, expect, it } from "vitest";
import { decodeConfig } from "../../../../provider/plugin/config.ts";

const secret = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  value,
});

describe("decodeConfig", () => {
  it("reads nested settings from the JSON that the SDK makes of them", () => {
    expect(decodeConfig({ host: "ssh://a", registryAuth: '[{"address":"r.io"}]' })).toEqual({
      host: "ssh://a",
      registryAuth: [{ address: "r.io" }],
    });
  });

  it.each([
    ["around a setting", secret('[{"password":"p"}]')],
    ["in the JSON of a setting", JSON.stringify([{ password: secret("p") }])],
    ["around the JSON's content", JSON.stringify(secret([{ password: "p" }]))],
  ])("opens the envelope of a secret %s", (_where, registryAuth) => {
    expect(decodeConfig({ registryAuth })).toEqual({ registryAuth: [{ password: "p" }] });
  });

  it("leaves text alone that only looks like JSON", () => {
    expect(decodeConfig({ host: "[::1]:2375", auth: '[{"password":"[1]"}]' })).toEqual({
      host: "[::1]:2375",
      auth: [{ password: "[1]" }],
    });
  });
});
