import { writeFile } from "node:fs/promises";
import { ExitCode } from "../errors.ts";
import type { Places } from "../places.ts";
import type { Preview } from "../preview/changes.ts";
import { groupByRisk } from "../preview/risks.ts";
import { previewStack } from "../preview/run.ts";
import { paint } from "../report.ts";

/**
 * Shows what an `up` of a stack would do, what puts data at risk first.
 *
 * @param options.out - file that gets the preview as JSON, for `npm run note`
 * @returns 1 when the preview failed.
 */
export async function preview(
  { stack, json, out }: { stack: string; json: boolean; out: string | undefined },
  places: Places,
  environment: Record<string, string>,
  output: NodeJS.WriteStream,
): Promise<number> {
  const found = { stack, ...(await previewStack({ places, environment }, stack)) };
  const text = `${JSON.stringify(found, undefined, 2)}\n`;
  if (out !== undefined) await writeFile(out, text);
  output.write(json ? text : previewText(stack, found, output));
  return found.succeeded ? ExitCode.done : ExitCode.failed;
}

/** A preview for a terminal. */
export function previewText(
  stack: string,
  { changes, unchanged, messages, succeeded }: Preview & { succeeded: boolean },
  output: { readonly isTTY?: boolean },
): string {
  const { bold, red, yellow } = paint(output);
  const told = messages.map(({ severity, text }) => {
    const colour = { error: red, warning: yellow, info: String }[severity];
    return `${colour(severity)} ${text}\n`;
  });
  const groups = groupByRisk(changes).map(({ title, lines }) => {
    const heading = title === "Data at risk" ? red(bold(title)) : bold(title);
    return `\n${heading}\n${lines.map((line) => `  ${line}\n`).join("")}`;
  });
  const end = succeeded ? summary(changes.length, unchanged) : "the preview failed";
  return `${told.join("")}${groups.join("")}${groups.length > 0 ? "\n" : ""}Stack ${stack}: ${end}\n`;
}

/** Counts of a preview, in words. */
export function summary(changed: number, unchanged: number): string {
  return `${changed === 0 ? "nothing" : changed} to change, ${unchanged} unchanged`;
}
