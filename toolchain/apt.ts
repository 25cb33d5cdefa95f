import { rm, writeFile } from "node:fs/promises";
import { execa } from "execa";
import { findProgram } from "./files.ts";

const SERVICE_POLICY = "/usr/sbin/policy-rc.d";

/** Tells whether this process may install packages of Debian or Ubuntu. */
export async function canInstall(): Promise<boolean> {
  return process.getuid?.() === 0 && (await findProgram("apt-get", process.env.PATH)) !== undefined;
}

/** The version that installing a package would give, without its epoch; undefined when there is no such package. */
export async function candidateVersion(name: string): Promise<string | undefined> {
  const { stdout } = await execa("apt-cache", ["policy", name], { reject: false });
  return /^ *Candidate: (?:\d+:)?(\d\S*)$/m.exec(stdout)?.[1];
}

/** Installs packages without what they recommend, and starts none of their services. */
export async function installPackages(names: readonly string[]): Promise<void> {
  await withServicesHeld(() => runApt(["install", "--yes", "--no-install-recommends", ...names]));
}

/** Runs `apt-get`; when it fails, once more with fresh package lists. */
export async function runApt(args: readonly string[]): Promise<void> {
  const options = { all: true, env: { DEBIAN_FRONTEND: "noninteractive" }, stdin: "ignore" } as const;
  const first = await execa("apt-get", args, { ...options, reject: false });
  if (first.exitCode === 0) return;
  await execa("apt-get", ["update"], { ...options, reject: false });
  const second = await execa("apt-get", args, { ...options, reject: false });
  if (second.exitCode !== 0) throw new Error(lastLines(second.all, 5));
}

/** The last lines of a program's output, which mostly say why it failed. */
export function lastLines(output: string, count: number): string {
  return output.trimEnd().split("\n").slice(-count).join("\n");
}

// Debian starts the service of a package that it installs unless this file says no (policy-rc.d(8)).
async function withServicesHeld(action: () => Promise<void>): Promise<void> {
  const written = await writeFile(SERVICE_POLICY, "#!/bin/sh\nexit 101\n", { mode: 0o755, flag: "wx" }).then(
    () => true,
    () => false,
  );
  try {
    await action();
  } finally {
    if (written) await rm(SERVICE_POLICY);
  }
}
