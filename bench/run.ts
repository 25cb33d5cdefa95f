import { parseArgs } from "node:util";
import { createWorkspace } from "../test/support/workspace.ts";
import type { Workspace } from "../test/support/workspace.ts";
import { measureChange } from "./change.ts";
import { measureCompose } from "./compose.ts";
import { measureDump } from "./dump.ts";
import { tableOf } from "./figures.ts";
import type { Measurement } from "./figures.ts";
import { measureFirstUp } from "./first-up.ts";
import { measureLatency } from "./latency.ts";
import { measureMemory } from "./memory.ts";
import { measureNoOp, measureNoOpOfDatabases } from "./no-op.ts";
import { measurePackage } from "./package.ts";
import { save } from "./results.ts";
import { measureSwitch } from "./switch.ts";

const HELP = `npm run bench [-- WHAT...] [--pairs N] [--rounds N]

  no-op    a deploy of 1, 10 and 50 services that changes nothing, against a bare Pulumi program with as many resources;
           --pairs (default 5)
  no-op-databases
           the same of an environment with two databases and a replica of each; --pairs
  change   one changed line of the program until its new version answers; --rounds (default 3)
  memory   resident memory of the process tree of a deploy that changes nothing
  compose  one service changed of 1, 10 and 50, against docker compose, with requests lost; --rounds
  first-up the first deploy of 1, 10, 50 and 200 services
  switch   what a release adds to the start of a container, until it answers through the proxy
  dump     backup and restore of a database, against pg_dump and mariadb-dump by hand; --rounds
  latency  what the proxy adds to the time of a request; --rounds
  package  the delivery of a data package of 10,000 files and 100 MB, against tar | docker cp; --rounds

Without WHAT all of them. Everything happens in a copy of the project with names and ports of its own, which is removed
afterwards. Each result is written to bench/results/<date>-<what>.json, and shown in docs/speed.md.
`;

/** What is measured on the environment `dev`; the rest brings up environments of its own. */
const ON_DEV = ["change", "memory"];

process.exitCode = await main();

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: {
      help: { type: "boolean", default: false },
      pairs: { type: "string", default: "5" },
      rounds: { type: "string", default: "3" },
    },
    allowPositionals: true,
  });
  const measurements: Record<string, (workspace: Workspace) => Promise<Measurement>> = {
    "no-op": (workspace) => measureNoOp(workspace, countOf("pairs", values.pairs)),
    "no-op-databases": (workspace) => measureNoOpOfDatabases(workspace, countOf("pairs", values.pairs)),
    change: (workspace) => measureChange(workspace, countOf("rounds", values.rounds)),
    memory: measureMemory,
    compose: (workspace) => measureCompose(workspace, countOf("rounds", values.rounds)),
    "first-up": measureFirstUp,
    switch: measureSwitch,
    dump: (workspace) => measureDump(workspace, countOf("rounds", values.rounds)),
    latency: (workspace) => measureLatency(workspace, countOf("rounds", values.rounds)),
    package: (workspace) => measurePackage(workspace, countOf("rounds", values.rounds)),
  };
  const chosen = positionals.length > 0 ? positionals : Object.keys(measurements);
  const unknown = chosen.filter((what) => !(what in measurements));
  if (values.help || unknown.length > 0) {
    process.stdout.write(unknown.length > 0 ? `There is no measurement ${unknown.join(", ")}.\n\n${HELP}` : HELP);
    return unknown.length > 0 ? 2 : 0;
  }
  await inWorkspace(
    chosen.some((what) => ON_DEV.includes(what)) ? ["platform", "dev"] : ["platform"],
    async (workspace) => {
      for (const what of chosen) {
        const measurement = await measurements[what]?.(workspace);
        if (measurement === undefined) continue;
        process.stdout.write(`\n${tableOf(measurement)}\n`);
        await save(measurement, workspace, `${new Date().toISOString().slice(0, 10)}-${what}`);
      }
    },
  );
  return 0;
}

async function inWorkspace(stacks: readonly string[], work: (workspace: Workspace) => Promise<void>): Promise<void> {
  const workspace = await createWorkspace();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void workspace.remove().finally(() => process.exit(1)));
  }
  try {
    process.stdout.write(`Bringing ${stacks.join(" and ")} up in ${workspace.directory}\n`);
    for (const stack of stacks) await workspace.up(stack);
    await work(workspace);
  } finally {
    await workspace.remove();
  }
}

function countOf(option: string, value: string): number {
  const count = Number(value);
  if (Number.isInteger(count) && count > 0) return count;
  throw new Error(`--${option}: must be an integer above 0, got "${value}"`);
}
