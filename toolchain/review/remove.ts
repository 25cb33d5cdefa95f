import { ExitCode } from "../errors.ts";
import { pulumi } from "../stack/pulumi.ts";
import type { PulumiContext } from "../stack/pulumi.ts";

/** Runs a `pulumi` command and returns its exit code. */
export type Run = (...args: readonly string[]) => Promise<number>;

/**
 * Removes an environment for good: what it runs, its data as far as its stack file does not keep it, and its stack. What
 * cannot be removed now stays in the stack for another try.
 *
 * @returns the exit code of `pulumi destroy`.
 */
export async function removeEnvironment(context: PulumiContext, stack: string, run: Run): Promise<number> {
  const exitCode = await run("destroy", "--yes", "--skip-preview", "--non-interactive", "--stack", stack);
  if (exitCode !== ExitCode.done) return exitCode;
  await pulumi(context, "stack", "rm", stack, "--yes");
  return ExitCode.done;
}
