import { ExitCode, UserError } from "../errors.ts";
import type { Places } from "../places.ts";
import type { Change } from "../preview/changes.ts";
import { previewStack } from "../preview/run.ts";
import { movedTags } from "../registry/moved-tags.ts";
import type { MovedTag } from "../registry/moved-tags.ts";
import { paint } from "../report.ts";
import type { PulumiContext } from "../stack/pulumi.ts";
import { shortDigest, table } from "../stack/table.ts";

/** One thing that is not as the stack file declares it. */
interface Difference {
  what: string;
  /** How it differs. */
  how: string;
  /** Whether somebody changed it since the last deploy, or the declaration is ahead of it. */
  cause: "changed since it was deployed" | "not deployed yet";
}

/**
 * Compares what a stack file declares with what really runs, and names what differs.
 *
 * @param options.deployed - true looks only for what was changed since the last deploy, whatever is declared meanwhile
 * @returns 2 when something differs.
 * @throws {UserError} when they cannot be compared.
 */
export async function drift(
  { stack, json, deployed }: { stack: string; json: boolean; deployed: boolean },
  places: Places,
  environment: Record<string, string>,
  output: NodeJS.WriteStream,
): Promise<number> {
  const context = { places, environment };
  const all = await compare(context, stack);
  const differences = deployed ? all.filter(({ cause }) => cause !== "not deployed yet") : all;
  output.write(
    json
      ? `${JSON.stringify({ stack, differences }, undefined, 2)}\n`
      : textOf({ stack, deployed }, differences, output),
  );
  return differences.length === 0 ? ExitCode.done : ExitCode.drift;
}

async function compare(context: PulumiContext, stack: string): Promise<Difference[]> {
  const real = await changesOf(context, stack, "--refresh");
  // What the state does not know either is no news; all else has been changed by somebody.
  const recorded = real.length === 0 ? [] : await changesOf(context, stack);
  const known = new Set(recorded.map(identityOf));
  const differences = real.map((change): Difference => ({
    what: `${change.kind} ${change.name}`,
    how: howOf(change),
    cause: known.has(identityOf(change)) ? "not deployed yet" : "changed since it was deployed",
  }));
  return [...differences, ...(await movedTags(context, stack)).map(tagDifference)];
}

/** What runs is a digest: a tag that was moved changes none of it, and no declaration has it any more after a release. */
function tagDifference({ repository, tag, digest, found }: MovedTag): Difference {
  const names = found === undefined ? "is gone" : `names ${shortDigest(found)} → ${shortDigest(digest)}`;
  return { what: `tag ${tag} of ${repository}`, how: names, cause: "changed since it was deployed" };
}

function identityOf({ urn, operation, differs }: Change): string {
  return [urn, operation, ...differs].join(" ");
}

async function changesOf(context: PulumiContext, stack: string, ...flags: string[]): Promise<Change[]> {
  const { changes, messages, succeeded } = await previewStack(context, stack, ...flags);
  if (succeeded) return changes;
  const errors = messages.filter(({ severity }) => severity === "error").map(({ text }) => text);
  throw new UserError(
    `cannot compare stack ${stack} with what runs: ${errors.join("\n")}`,
    "Mend what it says and run the command again.",
    ExitCode.failed,
  );
}

function howOf({ operation, differs }: Change): string {
  if (operation === "created") return "is missing";
  if (operation === "deleted") return "is no longer declared";
  return differs.length > 0 ? differs.join(", ") : "differs";
}

function textOf(
  { stack, deployed }: { stack: string; deployed: boolean },
  differences: readonly Difference[],
  output: NodeJS.WriteStream,
): string {
  const { green, red } = paint(output);
  if (differences.length === 0)
    return `${green("✔")} Stack ${stack}: all that runs is as ${deployed ? "deployed" : "declared"}\n`;
  const rows = differences.map(({ what, how, cause }) => [what, how, cause]);
  const count = differences.length === 1 ? "1 difference" : `${differences.length} differences`;
  return `${table(["resource", "what runs → what is declared", ""], rows)}${red("✖")} Stack ${stack}: ${count}; \`pulumi up --refresh -s ${stack}\` brings what is declared\n`;
}
