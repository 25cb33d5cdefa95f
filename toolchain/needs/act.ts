import type { BuiltProgram } from "./built.ts";

/** Runs the jobs of GitHub workflows on this machine, in tests. */
export const act: BuiltProgram = { name: "act", version: "0.2.89", target: "github.com/nektos/act" };
