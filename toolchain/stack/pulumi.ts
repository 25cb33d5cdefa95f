import { execa } from "execa";
import { ExitCode, UserError } from "../errors.ts";
import type { Places } from "../places.ts";

/** Where and with what `pulumi` runs. */
export interface PulumiContext {
  places: Places;
  /** What is set beside the inherited environment. */
  environment: Record<string, string>;
}

/**
 * Runs a `pulumi` command that asks nothing and shows nothing.
 *
 * @returns its standard output.
 * @throws {UserError} with all that it printed, when it fails.
 */
export async function pulumi({ places, environment }: PulumiContext, ...args: string[]): Promise<string> {
  const options = { cwd: places.repository, env: environment, reject: false, all: true } as const;
  const result = await execa("pulumi", [...args, "--non-interactive"], options);
  if (result.exitCode === 0) return result.stdout;
  throw new UserError(
    `pulumi ${args.join(" ")} failed: ${result.all.trim()}`,
    "Mend what it says and run the command again.",
    ExitCode.failed,
  );
}
