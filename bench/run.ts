import { mkdir, writeFile } from "node:fs/promises";
import { cpus, loadavg, release, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createWorkspace } from "../test/support/workspace.ts";
import type { Workspace } from "../test/support/workspace.ts";
import { measureChange } from "./change.ts";
import { summarize, tableOf } from "./figures.ts";
import type { Measurement } from "./figures.ts";
import { measureMemory } from "./memory.ts";
import { measureNoOp } from "./no-op.ts";

const HELP = `npm run bench [-- WHAT...] [--pairs N] [--rounds N]

  no-op    a deploy of 1, 10 and 50 services that changes nothing, against a bare Pulumi program with as many resources;
           --pairs (default 5)
  change   one changed line of the program until its new version answers; --rounds (default 3)
  memory   resident memory of the process tree of a deploy that changes nothing

Without WHAT all of them. Everything happens in a copy of the project with names and ports of its own, which is removed
afterwards. Each result is written to bench/results/<date>-<what>.json.
`;

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
    change: (workspace) => measureChange(workspace, countOf("rounds", values.rounds)),
    memory: measureMemory,
  };
  const chosen = positionals.length > 0 ? positionals : Object.keys(measurements);
  const unknown = chosen.filter((what) => !(what in measurements));
  if (values.help || unknown.length > 0) {
    process.stdout.write(unknown.length > 0 ? `There is no measurement ${unknown.join(", ")}.\n\n${HELP}` : HELP);
    return unknown.length > 0 ? 2 : 0;
  }
  await inWorkspace(async (workspace) => {
    for (const what of chosen) {
      const measurement = await measurements[what]?.(workspace);
      if (measurement === undefined) continue;
      process.stdout.write(`\n${tableOf(measurement)}\n`);
      await save(measurement, workspace);
    }
  });
  return 0;
}

async function inWorkspace(work: (workspace: Workspace) => Promise<void>): Promise<void> {
  const workspace = await createWorkspace();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void workspace.remove().finally(() => process.exit(1)));
  }
  try {
    process.stdout.write(`Bringing platform and dev up in ${workspace.directory}\n`);
    await workspace.up("platform");
    await workspace.up("dev");
    await work(workspace);
  } finally {
    await workspace.remove();
  }
}

async function save({ series, ...measurement }: Measurement, workspace: Workspace): Promise<void> {
  const at = new Date();
  const directory = join(import.meta.dirname, "results");
  const file = join(directory, `${at.toISOString().slice(0, 10)}-${measurement.what}.json`);
  const summarized = series.map((one) => ({ ...one, ...summarize(one.values) }));
  const content = { ...measurement, at: at.toISOString(), machine: await machine(workspace), series: summarized };
  await mkdir(directory, { recursive: true });
  await writeFile(file, `${JSON.stringify(content, undefined, 2)}\n`);
}

async function machine({ docker, pulumi }: Workspace): Promise<Record<string, unknown>> {
  const [{ Version: engine }, { stdout }] = await Promise.all([docker.version(), pulumi("version")]);
  return {
    processors: `${cpus().length} x ${cpus()[0]?.model ?? "unknown"}`,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    // What else ran: figures of a busy machine say little but their ratios.
    loadAverage: loadavg().map((value) => Math.round(value * 10) / 10),
    node: process.version,
    pulumi: stdout.trim(),
    engine,
  };
}

function countOf(option: string, value: string): number {
  const count = Number(value);
  if (Number.isInteger(count) && count > 0) return count;
  throw new Error(`--${option}: must be an integer above 0, got "${value}"`);
}
