import { readFile } from "node:fs/promises";
import { z } from "zod";

/** What engines say of faults that lie with the machine, and what to do about each. */
const REMEDIES = [
  {
    said: /could not find an available, non-overlapping IPv4 address pool|all predefined address pools have been fully subnetted/,
    remedy:
      "The engine has no addresses left for another network. Destroy an environment that nobody needs (npm run sweep), or give the engine more: " +
      "docs/operations.md, Networks.",
  },
] as const;

/** What to do about the errors of a deploy, where it is known; each once. */
export function remediesFor(errors: readonly string[]): string[] {
  return REMEDIES.filter(({ said }) => errors.some((error) => said.test(error))).map(({ remedy }) => remedy);
}

/** The errors in a log of events, as `pulumi up --event-log` writes it; none where there is no such file. */
export async function errorsIn(eventLog: string): Promise<string[]> {
  const text = await readFile(eventLog, "utf8").catch(() => "");
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.flatMap((line) => {
    const { data } = event.safeParse(JSON.parse(line));
    return data === undefined ? [] : [data.diagnosticEvent.message];
  });
}

const event = z.object({ diagnosticEvent: z.object({ severity: z.literal("error"), message: z.string() }) });
