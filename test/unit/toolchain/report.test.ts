import { afterEach, describe, expect, it, vi } from "vitest";
import { paint } from "../../../toolchain/report.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("paint", () => {
  it("colours what a terminal shows", () => {
    vi.stubEnv("NO_COLOR", undefined);
    expect(paint({ isTTY: true }).red("a")).toBe("\u001b[31ma\u001b[39m");
  });

  it("leaves a pipe without colours, in CI too", () => {
    vi.stubEnv("CI", "true");
    vi.stubEnv("FORCE_COLOR", "1");
    expect(paint({}).red("a")).toBe("a");
  });

  it("leaves a terminal without colours where NO_COLOR asks for it", () => {
    vi.stubEnv("NO_COLOR", "1");
    expect(paint({ isTTY: true }).red("a")).toBe("a");
  });
});
