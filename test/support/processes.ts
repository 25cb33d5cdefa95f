import { readFile, readdir, readlink } from "node:fs/promises";

/** A process on this machine. */
export interface FoundProcess {
  id: number;
  /** The program and its arguments, separated by spaces. */
  command: string;
}

/** The processes that work in a directory. */
export async function processesIn(directory: string): Promise<FoundProcess[]> {
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(ids.map((id) => processIn(directory, id)));
  return found.filter((process) => process !== undefined);
}

/** Ends the processes that work in a directory. */
export async function endProcessesIn(directory: string): Promise<void> {
  for (const { id } of await processesIn(directory)) process.kill(id, "SIGKILL");
}

async function processIn(directory: string, id: string): Promise<FoundProcess | undefined> {
  try {
    if ((await readlink(`/proc/${id}/cwd`)) !== directory) return undefined;
    return { id: Number(id), command: (await readFile(`/proc/${id}/cmdline`, "utf8")).replaceAll("\0", " ").trim() };
  } catch {
    // It ended while it was looked at.
    return undefined;
  }
}
