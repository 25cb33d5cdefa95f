import { ExitCode } from "../errors.ts";
import { duration, paint } from "../report.ts";
import { run } from "./run.ts";

const CHECKS: readonly (readonly [string, ...string[]])[] = [
  ["prettier", "--check", "--log-level=warn", "."],
  ["eslint", "."],
  ["depcruise", "--output-type=err", "."],
  ["tsc", "--project", "."],
  ["vitest", "run", "--project", "unit"],
];

/** Runs every check, also after one that failed, and names those that failed. */
export async function check(repository: string): Promise<number> {
  const failed: string[] = [];
  for (const command of CHECKS) {
    const started = Date.now();
    const exitCode = await run(command, repository);
    const line = `${command.join(" ")} [${duration(Date.now() - started)}]`;
    process.stdout.write(
      `${exitCode === 0 ? paint(process.stdout).green("✔") : paint(process.stdout).red("✖")} ${line}\n`,
    );
    if (exitCode !== 0) failed.push(command[0]);
  }
  if (failed.length === 0) return ExitCode.done;
  process.stdout.write(`\n${paint(process.stdout).red("failed")} ${failed.join(", ")}\n`);
  return ExitCode.failed;
}
