import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { format } from "prettier";

const RESULTS = resolve(import.meta.dirname, "../../bench/results");

/** What a fault test has seen. */
export interface FaultResult {
  /** What was done to the system, in a word or two: `hang`. It names the row. */
  fault: string;
  /** Command that recovers from it, or `none` where nobody has to do anything. */
  recovery: string;
  /** What was so in the end. */
  result: string;
  /** Requests that got no good answer, of those that were sent meanwhile. */
  requestsLost: number;
  requests: number;
  /** Time from the fault to the first good answer after it, or to the end of the recovery where none was lost. */
  seconds: number;
}

/**
 * Prints the outcome of a fault test, and writes it to bench/results/faults.json when `SLIPWAY_RECORD` is set: a usual
 * test run leaves the repository as it is.
 */
export async function recordFault(result: FaultResult): Promise<void> {
  console.log(JSON.stringify(result));
  if ((process.env.SLIPWAY_RECORD ?? "") === "") return;
  await alone(async () => {
    const file = join(RESULTS, "faults.json");
    const before = JSON.parse(await readFile(file, "utf8").catch(() => "[]")) as FaultResult[];
    const all = [...before.filter(({ fault }) => fault !== result.fault), result];
    const sorted = all.sort((a, b) => (a.fault < b.fault ? -1 : 1));
    await writeFile(file, await format(JSON.stringify(sorted), { parser: "json" }));
  });
}

/** Test files run at the same time, each in a process of its own; a directory can be made once. */
async function alone(work: () => Promise<void>): Promise<void> {
  const lock = join(RESULTS, ".faults.lock");
  for (;;) {
    try {
      await mkdir(lock);
      break;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
      await sleep(50);
    }
  }
  try {
    await work();
  } finally {
    await rm(lock, { recursive: true });
  }
}
