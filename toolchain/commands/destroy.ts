import { ExitCode, UserError } from "../errors.ts";
import type { Places } from "../places.ts";
import { removeEnvironment } from "../review/remove.ts";
import { REVIEW_PREFIX } from "../review/slug.ts";
import { listReviewStacks, stackOfBranch } from "../review/stacks.ts";
import { run } from "./run.ts";

/**
 * Destroys a review environment with its data, its images' tags and its stack. For a branch that has none there is nothing to
 * do: a sweep may have been earlier.
 *
 * @returns Pulumi's exit code.
 * @throws {UserError} when the stack is none of a review environment, or not there.
 */
export async function destroy(
  which: { stack: string } | { branch: string },
  places: Places,
  environment: Record<string, string>,
  output: NodeJS.WriteStream,
): Promise<number> {
  const stack = "stack" in which ? which.stack : await stackOfBranch(which.branch, places);
  if (!stack.startsWith(REVIEW_PREFIX)) throw refusal(stack);
  const context = { places, environment };
  const found = (await listReviewStacks(context)).find((each) => each.stack === stack);
  const isMeant = found && (!("branch" in which) || found.branch === which.branch);
  if (!isMeant) {
    if ("stack" in which) throw missing(stack);
    output.write(`The branch ${which.branch} has no review environment.\n`);
    return ExitCode.done;
  }
  const show = (...args: readonly string[]) => run(["pulumi", ...args], places.repository, environment);
  const exitCode = await removeEnvironment(context, stack, show);
  if (exitCode === ExitCode.done) output.write(`${stack} is gone, and its data and tags with it.\n`);
  return exitCode;
}

function refusal(stack: string): UserError {
  return new UserError(
    `--stack: must be one of a review environment, ${REVIEW_PREFIX}…, since its data goes with it, got "${stack}"`,
    `Run \`pulumi destroy -s ${stack}\`, which leaves its volumes.`,
    ExitCode.usage,
  );
}

function missing(stack: string): UserError {
  return new UserError(
    `--stack: there is no stack "${stack}"`,
    "Name one that `pulumi stack ls` lists.",
    ExitCode.usage,
  );
}
