import { execa } from "execa";
import { ExitCode, UserError } from "../errors.ts";

/**
 * The branches of a git remote.
 *
 * @throws {UserError} when it cannot be asked, or names none: that would make every branch look gone.
 */
export async function remoteBranches(repository: string, remote: string): Promise<Set<string>> {
  const git = await execa("git", ["ls-remote", "--heads", "--", remote], { cwd: repository, reject: false, all: true });
  const refs = git.exitCode === 0 ? [...git.stdout.matchAll(/\trefs\/heads\/(.+)$/gm)] : [];
  if (refs.length > 0) return new Set(refs.map(([, branch = ""]) => branch));
  const reason = git.exitCode === 0 ? "it names no branch" : git.all.trim();
  throw new UserError(
    `cannot tell which branches ${remote} has: ${reason}`,
    "Nothing was destroyed. Run it in a checkout whose remote can be reached, or name another with --remote.",
    ExitCode.failed,
  );
}
