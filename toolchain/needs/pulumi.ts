import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { unpackFrom } from "../download.ts";
import { describe } from "../errors.ts";
import { findProgram, isExecutable, makeWhole } from "../files.ts";
import { goBuild, provideGo } from "../go.ts";
import type { GoProgram } from "../go.ts";
import type { Places } from "../places.ts";
import type { Say } from "../report.ts";
import { PULUMI_VERSION, isAtLeast } from "../versions.ts";

const MODULES = join(import.meta.dirname, "../pulumi");
const PROGRAMS = ["pulumi", "pulumi-language-nodejs"];
const CLI: GoProgram = { what: "the Pulumi CLI", version: PULUMI_VERSION, directory: join(MODULES, "cli") };
const LANGUAGE_HOST: GoProgram = { ...CLI, directory: join(MODULES, "language-host") };

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
    const go = await provideGo(CLI, describe(error), say);
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

async function build(go: string, bin: string, say: Say): Promise<void> {
  await mkdir(bin);
  say("building the language host from its Go module (about a minute)");
  const host = "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs";
  await goBuild(go, LANGUAGE_HOST, join(bin, "nodejs-host"), host);
  await copyFile(join(MODULES, "language-host/pulumi-language-nodejs"), join(bin, "pulumi-language-nodejs"));
  say("building the CLI from its Go module (3 to 10 minutes, once on this machine)");
  const version = `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${PULUMI_VERSION}`;
  await goBuild(go, CLI, join(bin, "pulumi"), "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi", [`-ldflags=${version}`]);
}
