import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { isExecutable, makeWhole } from "../files.ts";
import { goBuild, provideGo } from "../go.ts";
import type { Places } from "../places.ts";
import type { Say } from "../report.ts";

/** A program of tests that is built from its Go module on every machine. */
export interface BuiltProgram {
  /** Its own name, that of its file and of the directory in toolchain/ with its go.mod. */
  name: string;
  version: string;
  /** Package that is built, such as `github.com/nektos/act`. */
  target: string;
}

/**
 * Builds a program, which takes half a minute to three, or finds it built, and tells where it is.
 *
 * @throws {UserError} where there is no Go, or it cannot build.
 */
export async function provideBuilt(
  { name, version, target }: BuiltProgram,
  places: Places,
  say: Say,
): Promise<{ program: string; summary: string }> {
  const directory = join(places.cache, `${name}-${version}`);
  const program = join(directory, name);
  if (await isExecutable(program)) return { program, summary: `${version}, cached` };
  const module = { what: name, version, directory: join(import.meta.dirname, "..", name) };
  const go = await provideGo(module, "it is built from source everywhere", say);
  say("building from its Go module (up to 3 minutes, once on this machine)");
  await makeWhole(directory, async (unfinished) => {
    await mkdir(unfinished);
    await goBuild(go, module, join(unfinished, name), target, ["-ldflags=-s -w"]);
  });
  return { program, summary: `${version}, built from its Go module` };
}
