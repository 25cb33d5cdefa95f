import type { TestProject } from "vitest/node";
import { provideK6 } from "../../toolchain/needs/k6.ts";
import { REPOSITORY, placesOf } from "../../toolchain/places.ts";
import { runSteps } from "../../toolchain/report.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Path of the k6 to run. */
    k6: string;
  }
}

/** Runs before the first load test, and not at all where none is asked for. */
export default async function setup(project: TestProject): Promise<void> {
  await runSteps([[{ name: "k6", run }]], process.stdout);

  async function run(say: (progress: string) => void): Promise<string> {
    const { program, summary } = await provideK6(placesOf(REPOSITORY, process.env), say);
    project.provide("k6", program);
    return summary;
  }
}
