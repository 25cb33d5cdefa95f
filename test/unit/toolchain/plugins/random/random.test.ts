import { describe, expect, it } from "vitest";
import { randomBytesResource, randomId } from "../../../../../toolchain/plugins/random/bytes.ts";
import { drawCharacters } from "../../../../../toolchain/plugins/random/characters.ts";
import { randomPassword } from "../../../../../toolchain/plugins/random/password.ts";
import { resourceContext } from "../context.ts";
import { quiet } from "../../../../support/quiet.ts";

describe("drawCharacters", () => {
  it("keeps to the kinds that are allowed", () => {
    expect(drawCharacters({ length: 200, special: false })).toMatch(/^[A-Za-z0-9]{200}$/);
    expect(drawCharacters({ length: 200, upper: false, lower: false, number: false })).toMatch(/^[^A-Za-z0-9]{200}$/);
    expect(drawCharacters({ length: 50, upper: false, lower: false, numeric: false, overrideSpecial: "_" })).toBe(
      "_".repeat(50),
    );
  });

  it("draws the minimum of each kind", () => {
    const drawn = drawCharacters({ length: 4, minLower: 1, minUpper: 1, minNumeric: 1, minSpecial: 1 });

    expect([/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/].map((kind) => kind.test(drawn))).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });

  it("refuses minima that exceed the length, and rules that leave nothing", () => {
    expect(() => drawCharacters({ length: 2, minLower: 2, minUpper: 1 })).toThrow(
      "length: must be at least the sum of the minima, 3, got 2",
    );
    expect(() => drawCharacters({ length: 2, special: false, upper: false, lower: false, numeric: false })).toThrow(
      "special, upper, lower, numeric: at least one of them must be true",
    );
  });

  it("uses every character about as often", () => {
    const drawn = drawCharacters({ length: 20_000, special: false, upper: false, lower: false });
    const counts = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"].map((digit) => drawn.split(digit).length - 1);

    expect(Math.min(...counts)).toBeGreaterThan(1700);
    expect(Math.max(...counts)).toBeLessThan(2300);
  });
});

describe("a password", () => {
  const diff = (olds: object, news: object) =>
    randomPassword.diff?.({ inputs: { length: 8, ...olds }, state: {} }, { length: 8, ...news }, quiet);

  it.each([
    [{ keepers: { a: "1" } }, { keepers: { a: "2" } }],
    [{}, { keepers: { a: "1" } }],
    [{ length: 8 }, { length: 9 }],
    [{}, { overrideSpecial: "_" }],
  ])("is drawn anew from %j to %j", (olds, news) => {
    expect(diff(olds, news)?.replaces).toEqual(Object.keys(news));
  });

  it.each([
    [{}, { keepers: { a: null } }],
    [{ overrideSpecial: "" }, {}],
  ])("stays from %j to %j", (olds, news) => {
    expect(diff(olds, news)?.replaces).toEqual([]);
  });

  it("is imported by its value, with a hash that fits it", async () => {
    const imported = await randomPassword.read?.("hunter2", {}, resourceContext(), {});
    const { default: bcrypt } = await import("bcryptjs");

    expect(imported).toMatchObject({ id: "none", inputs: { length: 7 }, state: { result: "hunter2" } });
    expect(await bcrypt.compare("hunter2", String(imported?.state.bcryptHash))).toBe(true);
    expect(String(imported?.state.bcryptHash)).toMatch(/^\$2[ab]\$10\$/);
  });
});

describe("random bytes and ids", () => {
  it("are imported by their text in all spellings", async () => {
    expect(await randomBytesResource.read?.("AP8=", {}, resourceContext(), {})).toMatchObject({
      inputs: { length: 2 },
      state: { base64: "AP8=", hex: "00ff" },
    });
    expect(await randomId.read?.("web-,AP-_", {}, resourceContext(), {})).toMatchObject({
      id: "AP-_",
      inputs: { byteLength: 3, prefix: "web-" },
      state: { hex: "web-00ffbf", dec: "web-65471", b64Std: "web-AP+/", b64Url: "web-AP-_" },
    });
  });
});
