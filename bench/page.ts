import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { tableOf } from "./figures.ts";

const RESULTS = join(import.meta.dirname, "results");
/** As `save` names them: `2026-11-22-no-op.json`. */
const MEASUREMENT = /^\d{4}-\d{2}-\d{2}-(.+)\.json$/;

const INTRODUCTION = `# Speed

What each measurement of \`npm run bench\` printed when it was run last; the command writes this page. Machines differ, and one
that does something else at the same time is slow: ratios within a table say more than seconds, and the load average of the
minute before the end tells how busy it was. Every run is in [bench/results/](../bench/results/).
`;

const resultShape = z.object({
  what: z.string(),
  title: z.string(),
  at: z.string(),
  machine: z.object({ processors: z.string(), loadAverage: z.array(z.number()) }),
  series: z.array(z.object({ name: z.string(), unit: z.string(), values: z.array(z.number()) })),
  remarks: z.array(z.string()),
  goal: z.object({ name: z.string(), value: z.number(), atMost: z.number(), met: z.boolean() }).optional(),
});

/** The text of docs/speed.md, which follows from the newest result of each measurement. */
export async function speedPage(): Promise<string> {
  const newest = new Map<string, string>();
  for (const file of (await readdir(RESULTS)).sort()) {
    const what = MEASUREMENT.exec(file)?.[1];
    if (what !== undefined) newest.set(what, file);
  }
  const sections: string[] = [];
  for (const [, file] of [...newest].sort(([a], [b]) => (a < b ? -1 : 1))) {
    sections.push(section(await readFile(join(RESULTS, file), "utf8")));
  }
  return [INTRODUCTION, ...sections].join("\n");
}

function section(json: string): string {
  const { what, at, machine, goal, ...measurement } = resultShape.parse(JSON.parse(json));
  const [busy = NaN] = machine.loadAverage;
  return `## ${what}

\`npm run bench -- ${what}\` on ${at.slice(0, 10)}, ${machine.processors}, load average ${busy}

\`\`\`text
${tableOf({ what, ...measurement, ...(goal && { goal }) })}
\`\`\`
`;
}
