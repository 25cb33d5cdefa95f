import type { DestroyArguments } from "../arguments.ts";
import { ExitCode, UserError } from "../errors.ts";
import type { Places } from "../places.ts";
import { removeEnvironment } from "../review/remove.ts";
import { REVIEW_PREFIX } from "../review/slug.ts";
import { listReviewStacks, stackOfBranch } from "../review/stacks.ts";
import { destroyStack } from "./destroy-stack.ts";
import { run } from "./run.ts";

/**
 * Destroys a review environment with its data, its images' tags and its stack; of any other its resources, and of its data
 * what is named. For a branch that has none there is nothing to do: a sweep may have been earlier.
 *
 * @returns Pulumi's exit code.
 * @throws {UserError} when the stack is not there, or it is not said what is to become of its data.
 */
export async function destroy(
  which: DestroyArguments,
  places: Places,
  environment: Record<string, string>,
  output: NodeJS.WriteStream,
): Promise<number> {
  const stack = "stack" in which ? which.stack : await stackOfBranch(which.branch, places);
  const context = { places, environment };
  const show = (...args: readonly string[]) => run(["pulumi", ...args], places.repository, environment);
  const removed = "stack" in which ? which.removed : undefined;
  if (!stack.startsWith(REVIEW_PREFIX)) return destroyStack({ stack, removed }, context, show, output);
  if (removed !== undefined) throw refusal(stack);
  const found = (await listReviewStacks(context)).find((each) => each.stack === stack);
  const isMeant = found && (!("branch" in which) || found.branch === which.branch);
  if (!isMeant) {
    if ("stack" in which) throw missing(stack);
    output.write(`The branch ${which.branch} has no review environment.\n`);
    return ExitCode.done;
  }
  const exitCode = await removeEnvironment(context, stack, show);
  if (exitCode === ExitCode.done) output.write(`${stack} is gone, and its data and tags with it.\n`);
  return exitCode;
}

function refusal(stack: string): UserError {
  return new UserError(
    `--keep-data, --remove-data: must not be set for a review environment, whose data goes with it, got ${stack}`,
    `Run \`npm run destroy -- -s ${stack}\`.`,
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
