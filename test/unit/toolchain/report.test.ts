import { execa } from "execa";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

describe("runSteps", () => {
  const program = `import { runSteps } from "./toolchain/report.ts";
    await runSteps([[{ name: "Engine", run: async () => "running" }]], process.stderr);
    console.log("export A=1");`;

  it.each([80, 0])("leaves standard output to the command on a terminal of %i columns", async (columns) => {
    const directory = await mkdtemp(join(tmpdir(), "slipway-report-"));
    const file = join(directory, "exports");
    const command = `stty cols ${columns}; "$NODE" --input-type=module --eval "$PROGRAM" > ${file}`;
    const env = { NODE: process.execPath, PROGRAM: program };
    const { stdout } = await execa("script", ["--quiet", "--return", "--command", command, "/dev/null"], { env });
    expect(await readFile(file, "utf8")).toBe("export A=1\n");
    expect(stdout).toContain("✔ Engine: running");
    await rm(directory, { recursive: true });
  });
});
