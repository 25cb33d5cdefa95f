import { constants } from "node:os";
import { execa } from "execa";

/**
 * Runs a program of node_modules on the terminal and returns its exit code. Node 24 comes first on PATH, so that the
 * programs of npm packages run on it as well.
 */
export async function run(
  [program, ...args]: readonly [string, ...string[]],
  repository: string,
  environment: Record<string, string> = {},
): Promise<number> {
  const options = { cwd: repository, env: environment, preferLocal: true, localDir: repository } as const;
  const { exitCode, signal, failed, originalMessage } = await execa(program, args, {
    ...options,
    stdio: "inherit",
    reject: false,
  });
  if (signal !== undefined) return 128 + constants.signals[signal];
  if (exitCode === undefined && failed) throw new Error(`${program} does not start: ${originalMessage ?? ""}`);
  return exitCode ?? 1;
}
