import { provideBuilt } from "../../toolchain/needs/built.ts";
import type { BuiltProgram } from "../../toolchain/needs/built.ts";
import { REPOSITORY, placesOf } from "../../toolchain/places.ts";
import { runSteps } from "../../toolchain/report.ts";

/** Builds a program that a test needs, unless it is built; says so in the test's output. @returns its path. */
export async function provide(needed: BuiltProgram): Promise<string> {
  let found = "";
  const run = async (say: (progress: string) => void) => {
    const { program, summary } = await provideBuilt(needed, placesOf(REPOSITORY, process.env), say);
    found = program;
    return summary;
  };
  await runSteps([[{ name: needed.name, run }]], process.stdout);
  return found;
}
