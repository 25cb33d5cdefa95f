import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { findProgram, isExecutable, makeWhole } from "../files.ts";
import { goBuild, provideGo } from "../go.ts";
import type { GoProgram } from "../go.ts";
import type { Places } from "../places.ts";
import type { Say } from "../report.ts";

const VERSION = "2.40.3";
const MODULE: GoProgram = {
  what: "docker compose",
  version: VERSION,
  directory: join(import.meta.dirname, "../compose"),
};

/** A docker compose that runs here. */
export interface Compose {
  /** Program and first arguments; `up` and the like come after them. */
  command: readonly [string, ...string[]];
  version: string;
  summary: string;
}

/** Finds or builds docker compose, which deploys are measured against, and tells how to run it. */
export async function provideCompose(places: Places, say: Say): Promise<Compose> {
  const installed = await findInstalled();
  if (installed !== undefined) return installed;
  const directory = join(places.cache, `compose-${VERSION}`);
  const program = join(directory, "docker-compose");
  const cached = await isExecutable(program);
  if (!cached) {
    const go = await provideGo(MODULE, "the docker command has no such plugin", say);
    say("building from its Go module (1 to 4 minutes, once on this machine)");
    await makeWhole(directory, async (unfinished) => {
      await mkdir(unfinished);
      const flags = [`-ldflags=-s -w -X github.com/docker/compose/v2/internal.Version=v${VERSION}`];
      await goBuild(go, MODULE, join(unfinished, "docker-compose"), "github.com/docker/compose/v2/cmd", flags);
    });
  }
  const summary = `${VERSION}, ${cached ? "cached" : "built from its Go module, as it is not installed"}`;
  return { command: [program], version: VERSION, summary };
}

/** Version 1, a program of its own, is another thing. */
async function findInstalled(): Promise<Compose | undefined> {
  const docker = await findProgram("docker", process.env.PATH);
  if (docker === undefined) return undefined;
  const { stdout, exitCode } = await execa(docker, ["compose", "version", "--short"], { reject: false });
  const version = stdout.trim().replace(/^v/, "");
  if (exitCode !== 0 || !/^\d+\.\d+/.test(version)) return undefined;
  return { command: [docker, "compose"], version, summary: `${version}, installed` };
}
