import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { canInstall, candidateVersion, installPackages, lastLines } from "../apt.ts";
import { unpackFrom } from "../download.ts";
import { UserError, describe } from "../errors.ts";
import { findProgram, isExecutable, makeWhole } from "../files.ts";
import type { Places } from "../places.ts";
import type { Say } from "../report.ts";
import { PULUMI_VERSION, isAtLeast } from "../versions.ts";

const OLDEST_GO = "1.25";
const MODULES = join(import.meta.dirname, "../pulumi");
const PROGRAMS = ["pulumi", "pulumi-language-nodejs"];

/** Finds, downloads or builds the Pulumi CLI and its language host for Node, and tells where they are. */
export async function providePulumi(places: Places, say: Say): Promise<{ bin: string; summary: string }> {
  const bin = join(places.cache, `pulumi-${PULUMI_VERSION}`, "bin");
  if (await hasPrograms(bin)) return { bin, summary: `${PULUMI_VERSION}, cached` };
  const installed = await findInstalled(say);
  if (installed !== undefined) return { bin: installed.bin, summary: `${installed.version}, installed` };
  return { bin, summary: `${PULUMI_VERSION}, ${await obtain(bin, say)}` };
}

async function hasPrograms(bin: string): Promise<boolean> {
  return (await Promise.all(PROGRAMS.map((name) => isExecutable(join(bin, name))))).every(Boolean);
}

async function findInstalled(say: Say): Promise<{ bin: string; version: string } | undefined> {
  const cli = await findProgram("pulumi", process.env.PATH);
  if (cli === undefined || !(await hasPrograms(dirname(cli)))) return undefined;
  say(`asking ${cli} for its version`);
  const { stdout } = await execa(cli, ["version"], { env: { PULUMI_SKIP_UPDATE_CHECK: "1" }, reject: false });
  const version = stdout.trim().replace(/^v/, "");
  return isAtLeast(version, PULUMI_VERSION) ? { bin: dirname(cli), version } : undefined;
}

async function obtain(bin: string, say: Say): Promise<string> {
  try {
    say("downloading from get.pulumi.com");
    await makeWhole(bin, download);
    return "downloaded from get.pulumi.com";
  } catch (error) {
    const go = await provideGo(describe(error), say);
    await makeWhole(bin, (unfinished) => build(go, unfinished, say));
    return `built from its Go modules, as get.pulumi.com does not answer`;
  }
}

async function download(directory: string): Promise<void> {
  const architecture = process.arch === "x64" ? "x64" : "arm64";
  await mkdir(directory);
  await unpackFrom(
    `https://get.pulumi.com/releases/sdk/pulumi-v${PULUMI_VERSION}-${process.platform}-${architecture}.tar.gz`,
    directory,
  );
}

async function provideGo(refusal: string, say: Say): Promise<string> {
  const found = await findGo();
  if (found !== undefined) return found;
  const candidate = await candidateVersion("golang-go");
  if (candidate !== undefined && isAtLeast(candidate, OLDEST_GO) && (await canInstall())) {
    say(`installing Go ${candidate} from the system's packages, as root`);
    await installPackages(["golang-go"]);
    const installed = await findGo();
    if (installed !== undefined) return installed;
  }
  throw new UserError(
    `the Pulumi CLI can neither be downloaded (${refusal}) nor built, since there is no Go ${OLDEST_GO} or newer on PATH`,
    `Install the Pulumi CLI ${PULUMI_VERSION} or newer, or Go ${OLDEST_GO} or newer, put it on PATH and run the command again.`,
  );
}

async function findGo(): Promise<string | undefined> {
  const go = await findProgram("go", process.env.PATH);
  if (go === undefined) return undefined;
  // Asked beside go.mod, a Go from 1.21 on fetches the release that the module wants.
  const { stdout, exitCode } = await execa(go, ["env", "GOVERSION"], { cwd: join(MODULES, "cli"), reject: false });
  return exitCode === 0 && isAtLeast(stdout.trim().replace(/^go/, ""), OLDEST_GO) ? go : undefined;
}

async function build(go: string, bin: string, say: Say): Promise<void> {
  await mkdir(bin);
  say("building the language host from its Go module (about a minute)");
  const host = "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs";
  await goBuild(go, "language-host", join(bin, "nodejs-host"), host, []);
  await copyFile(join(MODULES, "language-host/pulumi-language-nodejs"), join(bin, "pulumi-language-nodejs"));
  say("building the CLI from its Go module (3 to 10 minutes, once on this machine)");
  const version = `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${PULUMI_VERSION}`;
  await goBuild(go, "cli", join(bin, "pulumi"), "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi", [`-ldflags=${version}`]);
}

async function goBuild(go: string, module: string, output: string, target: string, flags: string[]): Promise<void> {
  const result = await execa(go, ["build", "-mod=readonly", "-trimpath", ...flags, "-o", output, target], {
    cwd: join(MODULES, module),
    env: { CGO_ENABLED: "0" },
    all: true,
    reject: false,
  });
  if (result.exitCode === 0) return;
  throw new UserError(
    `go build ${target} failed:\n${lastLines(result.all, 12)}`,
    "Check that the Go module proxy can be reached, or install the Pulumi CLI and put it on PATH.",
  );
}
