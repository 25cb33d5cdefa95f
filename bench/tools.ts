import { provideCompose } from "../toolchain/needs/compose.ts";
import type { Compose } from "../toolchain/needs/compose.ts";
import { provideK6 } from "../toolchain/needs/k6.ts";
import { REPOSITORY, placesOf } from "../toolchain/places.ts";
import { runSteps } from "../toolchain/report.ts";

const places = placesOf(REPOSITORY, process.env);

/** Path of a k6, which is found or built. @throws {AggregateError} where it cannot be had. */
export async function findK6(): Promise<string> {
  let program = "";
  const run = async (say: (progress: string) => void) => {
    const k6 = await provideK6(places, say);
    program = k6.program;
    return k6.summary;
  };
  await runSteps([[{ name: "k6", run }]], process.stdout);
  return program;
}

/** A docker compose, which is found or built; undefined where it cannot be had. */
export async function findCompose(): Promise<Compose | undefined> {
  let compose: Compose | undefined;
  const run = async (say: (progress: string) => void) => {
    compose = await provideCompose(places, say).catch(() => undefined);
    return compose?.summary ?? "not to be had";
  };
  await runSteps([[{ name: "docker compose", run }]], process.stdout);
  return compose;
}
