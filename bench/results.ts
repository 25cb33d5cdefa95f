import { mkdir, writeFile } from "node:fs/promises";
import { cpus, loadavg, release, totalmem } from "node:os";
import { join } from "node:path";
import type { Workspace } from "../test/support/workspace.ts";
import { summarize } from "./figures.ts";
import type { Measurement } from "./figures.ts";
import { speedPage } from "./page.ts";

/** Writes a measurement, with the machine that it was made on, to `bench/results/<name>.json`, and docs/speed.md anew. */
export async function save({ series, ...measurement }: Measurement, workspace: Workspace, name: string): Promise<void> {
  const directory = join(import.meta.dirname, "results");
  const summarized = series.map((one) => ({ ...one, ...summarize(one.values) }));
  const at = new Date().toISOString();
  const content = { ...measurement, at, machine: await machine(workspace), series: summarized };
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, `${name}.json`), `${JSON.stringify(content, undefined, 2)}\n`);
  await writeFile(join(import.meta.dirname, "../docs/speed.md"), await speedPage());
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
