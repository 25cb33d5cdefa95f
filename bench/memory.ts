import { setTimeout as pause } from "node:timers/promises";
import type { Workspace } from "../test/support/workspace.ts";
import type { Measurement } from "./figures.ts";
import { prepareNoOps } from "./no-op.ts";
import { descendants } from "./process-tree.ts";
import type { Process } from "./process-tree.ts";

const SAMPLE_MILLISECONDS = 25;

/** Measures the most resident memory that the processes of a no-op have together, of `dev` and of the bare program. */
export async function measureMemory(workspace: Workspace): Promise<Measurement> {
  const { environment, bare } = await prepareNoOps(workspace, "dev");
  const [peakOfDev, peakOfBare] = [await peakOf(environment), await peakOf(bare)];
  return {
    what: "memory",
    title: "resident memory of the process tree of one pulumi up that changes nothing, at its peak",
    series: [
      { name: "dev", unit: "MiB", values: [total(peakOfDev)] },
      { name: "bare program", unit: "MiB", values: [total(peakOfBare)] },
      ...peakOfDev.map(({ name, mebibytes }) => ({ name: `  dev: ${name}`, unit: "MiB", values: [mebibytes] })),
    ],
    remarks: ["Pages that processes share are counted in each."],
  };
}

/** The processes below this one when they had the most memory together during an action, the largest first. */
export async function peakOf(action: () => Promise<unknown>): Promise<Process[]> {
  const run = { ended: false };
  const done = action().finally(() => {
    run.ended = true;
  });
  let peak: Process[] = [];
  while (!run.ended) {
    const now = await descendants(process.pid);
    if (total(now) > total(peak)) peak = now;
    await pause(SAMPLE_MILLISECONDS);
  }
  await done;
  return peak.sort((a, b) => b.mebibytes - a.mebibytes);
}

/** Memory of processes together, in MiB. */
export function total(processes: readonly Process[]): number {
  return processes.reduce((sum, { mebibytes }) => sum + mebibytes, 0);
}
