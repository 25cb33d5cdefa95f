import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { isExecutable, makeWhole } from "../files.ts";
import { goBuild, provideGo } from "../go.ts";
import type { GoProgram } from "../go.ts";
import type { Places } from "../places.ts";
import type { Say } from "../report.ts";

const VERSION = "2.10.1";
const MODULE: GoProgram = { what: "Pebble", version: VERSION, directory: join(import.meta.dirname, "../pebble") };
const PACKAGE = "github.com/letsencrypt/pebble/v2/cmd";

/** Let's Encrypt's own authority for tests, and the name server that it asks. */
export interface Pebble {
  pebble: string;
  nameServer: string;
}

/** Builds Pebble, with which tests order certificates, or finds it built. Its releases have no program for macOS. */
export async function providePebble(places: Places, say: Say): Promise<Pebble & { summary: string }> {
  const directory = join(places.cache, `pebble-${VERSION}`);
  const programs = { pebble: join(directory, "pebble"), nameServer: join(directory, "pebble-challtestsrv") };
  if (await isExecutable(programs.nameServer)) return { ...programs, summary: `${VERSION}, cached` };
  const go = await provideGo(MODULE, "it is built from source everywhere", say);
  say("building from its Go module (about half a minute, once on this machine)");
  await makeWhole(directory, async (unfinished) => {
    await mkdir(unfinished);
    for (const name of ["pebble", "pebble-challtestsrv"]) {
      await goBuild(go, MODULE, join(unfinished, name), `${PACKAGE}/${name}`, ["-ldflags=-s -w"]);
    }
  });
  return { ...programs, summary: `${VERSION}, built from its Go module` };
}
