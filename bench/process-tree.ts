import { readFile, readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** A running process. */
export interface Process {
  /** Its program, or the script that Node runs with its folder, as many are called `index.js`. */
  name: string;
  /** Resident memory. */
  mebibytes: number;
}

/** The children of a process, their children, and so on, as /proc has them now. */
export async function descendants(pid: number): Promise<Process[]> {
  const entries = await readdir("/proc");
  const found = await Promise.all(entries.filter((name) => /^\d+$/.test(name)).map(readProcess));
  const processes = found.filter((it) => it !== undefined);
  const tree: typeof processes = [];
  let parents = new Set([pid]);
  while (parents.size > 0) {
    const children = processes.filter(({ parent }) => parents.has(parent));
    tree.push(...children);
    parents = new Set(children.map((child) => child.pid));
  }
  return tree.map(({ name, mebibytes }) => ({ name, mebibytes }));
}

async function readProcess(pid: string): Promise<(Process & { pid: number; parent: number }) | undefined> {
  try {
    const [status, commandLine] = await Promise.all([
      readFile(`/proc/${pid}/status`, "utf8"),
      readFile(`/proc/${pid}/cmdline`, "utf8"),
    ]);
    const field = (key: string) => Number(new RegExp(`^${key}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
    return { pid: Number(pid), parent: field("PPid"), name: nameOf(commandLine), mebibytes: field("VmRSS") / 1024 };
  } catch {
    // It ended since the directory was read.
    return undefined;
  }
}

function nameOf(commandLine: string): string {
  const [program = "", ...args] = commandLine.split("\0");
  const script = args.find((arg) => /\.[cm]?[jt]s$/.test(arg));
  if (basename(program) !== "node" || script === undefined) return basename(program);
  return join(basename(dirname(script)), basename(script));
}
