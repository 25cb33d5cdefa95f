import { join } from "node:path";
import type { Workspace } from "./workspace.ts";

/** A bare repository that is the `origin` of a workspace. */
export interface BareRepository {
  directory: string;
  /** Makes branches of it point at the workspace's current commit. */
  push: (...branches: string[]) => Promise<void>;
  /** Deletes a branch of it. */
  remove: (branch: string) => Promise<void>;
}

// What CI takes for the address of a project; git is told that it means the directory.
const ADDRESS = "git@gitlab.example:team/shop.git";

/** Makes a git repository of a workspace, with one commit on `main`, and an empty bare one as its `origin`. */
export async function createBareRepository(workspace: Workspace): Promise<BareRepository> {
  // Below what git ignores, and removed with the workspace.
  const directory = join(workspace.directory, ".slipway/origin.git");
  const git = gitIn(workspace);
  await git("init", "--quiet", "--bare", "--initial-branch=main", directory);
  await git("init", "--quiet", "--initial-branch=main");
  await git("config", "user.name", "test");
  await git("config", "user.email", "test@example.com");
  await git("remote", "add", "origin", ADDRESS);
  await git("config", `url.${directory}.insteadOf`, ADDRESS);
  await git("add", ".");
  await git("commit", "--quiet", "--message=first");
  return {
    directory,
    push: (...branches) => git("push", "--quiet", "origin", ...branches.map((branch) => `HEAD:refs/heads/${branch}`)),
    remove: (branch) => git("push", "--quiet", "origin", `:refs/heads/${branch}`),
  };
}

/** Runs git in a workspace. @throws {Error} with its output when it fails. */
export function gitIn(workspace: Workspace): (...args: string[]) => Promise<void> {
  return async (...args) => {
    const { exitCode, output } = await workspace.run("git", args);
    if (exitCode !== 0) throw new Error(`git ${args.join(" ")} ended with ${exitCode}:\n${output}`);
  };
}
