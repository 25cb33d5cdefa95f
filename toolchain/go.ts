import { execa } from "execa";
import { canInstall, candidateVersion, installPackages, lastLines } from "./apt.ts";
import { UserError } from "./errors.ts";
import { findProgram } from "./files.ts";
import type { Say } from "./report.ts";
import { isAtLeast } from "./versions.ts";

const OLDEST_GO = "1.25";

/** What is built from Go modules when it can be had in no other way. */
export interface GoProgram {
  /** Name of the program for people, such as "the Pulumi CLI". */
  what: string;
  /** Version that is built. */
  version: string;
  /** Directory whose go.mod and go.sum say what it is built from. */
  directory: string;
}

/**
 * Finds a Go that can build, or installs the system's.
 *
 * @throws {UserError} where there is none; it names `refusal`, why the program could not be had otherwise.
 */
export async function provideGo({ what, version, directory }: GoProgram, refusal: string, say: Say): Promise<string> {
  const found = await findGo(directory);
  if (found !== undefined) return found;
  const candidate = await candidateVersion("golang-go");
  if (candidate !== undefined && isRecent(candidate) && (await canInstall())) {
    say(`installing Go ${candidate} from the system's packages, as root`);
    await installPackages(["golang-go"]);
    const installed = await findGo(directory);
    if (installed !== undefined) return installed;
  }
  throw new UserError(
    `${what} can neither be downloaded (${refusal}) nor built, since there is no Go ${OLDEST_GO} or newer on PATH`,
    `Install ${what} ${version}, or Go ${OLDEST_GO} or newer, put it on PATH and run the command again.`,
  );
}

/** Builds a package of a program's modules into a file. @throws {UserError} with the last lines of the output. */
export async function goBuild(
  go: string,
  { what, directory }: GoProgram,
  output: string,
  target: string,
  flags: readonly string[] = [],
): Promise<void> {
  const result = await execa(go, ["build", "-mod=readonly", "-trimpath", ...flags, "-o", output, target], {
    cwd: directory,
    env: { CGO_ENABLED: "0" },
    all: true,
    reject: false,
  });
  if (result.exitCode === 0) return;
  throw new UserError(
    `go build ${target} failed:\n${lastLines(result.all, 12)}`,
    `Check that the Go module proxy can be reached, or install ${what} and put it on PATH.`,
  );
}

async function findGo(directory: string): Promise<string | undefined> {
  const go = await findProgram("go", process.env.PATH);
  if (go === undefined) return undefined;
  // Asked beside go.mod, a Go from 1.21 on fetches the release that the module wants.
  const { stdout, exitCode } = await execa(go, ["env", "GOVERSION"], { cwd: directory, reject: false });
  return exitCode === 0 && isRecent(stdout.trim().replace(/^go/, "")) ? go : undefined;
}

function isRecent(version: string): boolean {
  return isAtLeast(version, OLDEST_GO);
}
