import { readFile } from "node:fs/promises";
import { z } from "zod";
import { ExitCode } from "../errors.ts";
import { conversationOf, writeNoteTo } from "../forge-notes.ts";
import type { Preview } from "../preview/changes.ts";
import { groupByRisk } from "../preview/risks.ts";
import type { RiskGroup } from "../preview/risks.ts";
import { summary } from "./preview.ts";

// GitLab takes 1,000,000 characters in a note and GitHub 65,536; people read far fewer, and the job has them all.
const MOST_LINES = 50;
const LONGEST_MESSAGE = 2000;

/**
 * Writes a preview as a note on the merge or pull request of the current CI job; a later push replaces it. Without a token it
 * says so and is content.
 *
 * @param options.file - what `npm run preview -- --out` wrote; there is none when the job failed before
 * @throws {UserError} when this is no job of a merge request.
 */
export async function writeNote(
  { stack, file }: { stack: string; file: string },
  environment: NodeJS.ProcessEnv,
  output: NodeJS.WritableStream,
): Promise<number> {
  const conversation = conversationOf(environment);
  if (conversation === undefined) {
    output.write(
      "No note on the merge request: GITLAB_TOKEN is not set. Settings > CI/CD > Variables takes a project access token" +
        " with the scope api, not protected, as merge requests come from branches that are not.\n",
    );
    return ExitCode.done;
  }
  const written = await readFile(file, "utf8").catch(() => undefined);
  const found = written === undefined ? undefined : previewSchema.parse(JSON.parse(written));
  const text = noteText(found, { stack, url: conversation.jobUrl });
  const done = await writeNoteTo(conversation, `<!-- slipway preview ${stack} -->`, text);
  output.write(`Note on ${conversation.name} ${done}.\n`);
  return ExitCode.done;
}

/** The text of a note in Markdown: what would come of the change, data at risk first, or why it fails. */
export function noteText(
  found: (Preview & { succeeded: boolean }) | undefined,
  { stack, url }: { stack: string; url: string },
): string {
  const title = (rest: string) => `**Preview of stack \`${stack}\`${rest} ([job](${url}))`;
  if (found === undefined) return `${title(" failed**")}\n\nIt failed before Pulumi ran; the log of the job says why.`;
  const { changes, unchanged, messages, succeeded } = found;
  return [
    title(succeeded ? `**: ${summary(changes.length, unchanged)}` : " failed**"),
    ...messages.map(({ severity, text }) => `${severity}\n${fenced(text.slice(0, LONGEST_MESSAGE))}`),
    ...groupByRisk(changes).map(sectionOf),
  ].join("\n\n");
}

function sectionOf({ title, lines }: RiskGroup): string {
  const sign = title === "Data at risk" ? "⚠️ " : "";
  const left = lines.length - MOST_LINES;
  const shown = [...lines.slice(0, MOST_LINES).map(coded), ...(left > 0 ? [`and ${left} more`] : [])];
  const list = shown.map((line) => `- ${line}`).join("\n");
  // What is new can be many, and harms nobody.
  if (title === "Created") return `<details><summary>${title} (${lines.length})</summary>\n\n${list}\n\n</details>`;
  return `${sign}**${title}**\n\n${list}`;
}

/** Names and values come from the program; as code they are no Markdown. */
function coded(line: string): string {
  return `\`${line.replaceAll("`", "'")}\``;
}

/** A code block whose fence is longer than any that the text has itself. */
function fenced(text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}`;
}

const previewSchema = z.object({
  succeeded: z.boolean(),
  unchanged: z.number(),
  messages: z.array(z.object({ severity: z.enum(["error", "warning", "info"]), text: z.string() })),
  changes: z.array(
    z.object({
      urn: z.string(),
      operation: z.enum(["created", "changed", "replaced", "deleted"]),
      kind: z.string(),
      name: z.string(),
      differs: z.array(z.string()),
      holdsData: z.boolean(),
      retained: z.boolean(),
    }),
  ),
});
