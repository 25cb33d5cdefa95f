import { ExitCode } from "../errors.ts";
import { pulumi } from "../stack/pulumi.ts";
import type { PulumiContext } from "../stack/pulumi.ts";
import { removeTags, repositoriesOf } from "./tags.ts";

/** Runs a `pulumi` command and returns its exit code. */
export type Run = (...args: readonly string[]) => Promise<number>;

/**
 * Removes an environment for good: what it runs, its data as far as its stack file does not keep it, the tags of its images,
 * and its stack. What cannot be removed now stays in the stack for another try.
 *
 * @returns the exit code of `pulumi destroy`.
 */
export async function removeEnvironment(context: PulumiContext, stack: string, run: Run): Promise<number> {
  const repositories = await repositoriesOf(context, stack);
  const exitCode = await run("destroy", "--yes", "--skip-preview", "--non-interactive", "--stack", stack);
  if (exitCode !== ExitCode.done) return exitCode;
  await removeTags(context, repositories);
  await pulumi(context, "stack", "rm", stack, "--yes");
  return ExitCode.done;
}
