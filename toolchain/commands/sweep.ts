import { describe, ExitCode } from "../errors.ts";
import type { Places } from "../places.ts";
import { paint } from "../report.ts";
import { remoteBranches } from "../review/branches.ts";
import { removeEnvironment } from "../review/remove.ts";
import { listReviewStacks } from "../review/stacks.ts";
import type { ReviewStack } from "../review/stacks.ts";
import { pulumi } from "../stack/pulumi.ts";
import { table } from "../stack/table.ts";

/** What the sweep makes of a review environment. */
interface Verdict {
  stack: string;
  branch: string | undefined;
  expires: string | undefined;
  /** Why it goes; undefined when it stays. */
  reason: string | undefined;
  outcome: "kept" | "destroyed" | "due" | "failed";
}

/**
 * Destroys the review environments whose branch is gone or whose time has passed, and no other.
 *
 * @returns 1 when one of them could not be destroyed.
 * @throws {UserError} when the branches cannot be told; nothing is destroyed then.
 */
export async function sweep(
  { remote, dryRun, json }: { remote: string; dryRun: boolean; json: boolean },
  places: Places,
  environment: Record<string, string>,
  { output, errors }: { output: NodeJS.WriteStream; errors: NodeJS.WriteStream },
): Promise<number> {
  const context = { places, environment };
  const branches = await remoteBranches(places.repository, remote);
  const now = new Date();
  const verdicts: Verdict[] = [];
  for (const found of await listReviewStacks(context)) {
    const { stack, branch, expires } = found;
    const reason = whyItGoes(found, branches, now);
    const verdict = { stack, branch, expires: expires?.toISOString(), reason };
    if (reason === undefined || dryRun) {
      verdicts.push({ ...verdict, outcome: reason === undefined ? "kept" : "due" });
      continue;
    }
    try {
      await removeEnvironment(context, stack, async (...args) => {
        await pulumi(context, ...args);
        return ExitCode.done;
      });
      verdicts.push({ ...verdict, outcome: "destroyed" });
    } catch (error) {
      errors.write(`${paint(errors).red("error")} ${stack}: ${describe(error)}\n`);
      verdicts.push({ ...verdict, outcome: "failed" });
    }
  }
  output.write(json ? `${JSON.stringify(verdicts, undefined, 2)}\n` : textOf(verdicts));
  return verdicts.some(({ outcome }) => outcome === "failed") ? ExitCode.failed : ExitCode.done;
}

/** Why a review environment is to go; undefined when it stays, as do those of which nothing is known. */
export function whyItGoes(
  { branch, expires }: ReviewStack,
  branches: ReadonlySet<string>,
  now: Date,
): string | undefined {
  if (branch !== undefined && !branches.has(branch)) return "its branch is gone";
  return expires !== undefined && expires <= now ? "its time has passed" : undefined;
}

function textOf(verdicts: readonly Verdict[]): string {
  if (verdicts.length === 0) return "There is no review environment.\n";
  const rows = verdicts.map(({ stack, branch, expires, reason, outcome }) => [
    ...[stack, branch ?? "unknown", expires ?? "unknown"],
    reason === undefined ? outcome : `${outcome}: ${reason}`,
  ]);
  return table(["stack", "branch", "until", ""], rows);
}
