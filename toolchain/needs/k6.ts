import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { unpackFrom } from "../download.ts";
import { describe } from "../errors.ts";
import { findProgram, isExecutable, makeWhole } from "../files.ts";
import { goBuild, provideGo } from "../go.ts";
import type { GoProgram } from "../go.ts";
import type { Places } from "../places.ts";
import type { Say } from "../report.ts";

const VERSION = "1.8.1";
const MODULE: GoProgram = { what: "k6", version: VERSION, directory: join(import.meta.dirname, "../k6") };

/** Finds, downloads or builds k6, which puts the load on in load tests and benches, and tells where it is. */
export async function provideK6(places: Places, say: Say): Promise<{ program: string; summary: string }> {
  const installed = await findInstalled();
  if (installed !== undefined) return { program: installed.program, summary: `${installed.version}, installed` };
  const directory = join(places.cache, `k6-${VERSION}`);
  const program = join(directory, "k6");
  if (await isExecutable(program)) return { program, summary: `${VERSION}, cached` };
  return { program, summary: `${VERSION}, ${await obtain(directory, say)}` };
}

/** Scripts and summaries are the same throughout a major version. */
async function findInstalled(): Promise<{ program: string; version: string } | undefined> {
  const program = await findProgram("k6", process.env.PATH);
  if (program === undefined) return undefined;
  const { stdout } = await execa(program, ["version"], { reject: false });
  const version = /^k6(?:\.exe)? v(1\.\S+)/.exec(stdout)?.[1];
  return version === undefined ? undefined : { program, version };
}

async function obtain(directory: string, say: Say): Promise<string> {
  try {
    say("downloading from github.com");
    await makeWhole(directory, download);
    return "downloaded from github.com";
  } catch (error) {
    const go = await provideGo(MODULE, describe(error), say);
    say("building from its Go module (1 to 3 minutes, once on this machine)");
    await makeWhole(directory, async (unfinished) => {
      await mkdir(unfinished);
      await goBuild(go, MODULE, join(unfinished, "k6"), "go.k6.io/k6", ["-ldflags=-s -w"]);
    });
    return "built from its Go module, as github.com does not answer";
  }
}

async function download(directory: string): Promise<void> {
  const architecture = process.arch === "x64" ? "amd64" : "arm64";
  const archive = `k6-v${VERSION}-${process.platform}-${architecture}.tar.gz`;
  await mkdir(directory);
  await unpackFrom(`https://github.com/grafana/k6/releases/download/v${VERSION}/${archive}`, directory);
}
