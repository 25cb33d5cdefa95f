import { execa } from "execa";
import { ExitCode, UserError } from "../errors.ts";
import type { PulumiContext } from "../stack/pulumi.ts";
import { parsePreview } from "./changes.ts";
import type { Preview } from "./changes.ts";

/**
 * Previews an `up` of a stack. A declaration that is faulty is part of the answer, as a message.
 *
 * @param flags - more of `pulumi preview`'s own, such as `--refresh`
 * @throws {UserError} when there is no preview at all, with what Pulumi says.
 */
export async function previewStack(
  { places, environment }: PulumiContext,
  stack: string,
  ...flags: readonly string[]
): Promise<Preview & { succeeded: boolean }> {
  const args = ["preview", "--json", "--stack", stack, "--non-interactive", ...flags];
  const { stdout, stderr, exitCode } = await execa("pulumi", args, {
    cwd: places.repository,
    env: environment,
    reject: false,
  });
  if (stdout.startsWith("{")) return { ...parsePreview(JSON.parse(stdout)), succeeded: exitCode === 0 };
  throw new UserError(
    `--stack: cannot preview stack "${stack}": ${(stderr || stdout).trim()}`,
    "Name a stack that `pulumi stack ls` lists, or deploy it first: npm run up -- -s STACK",
    ExitCode.failed,
  );
}
