import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { isExecutable, makeWhole } from "../files.ts";
import { goBuild, provideGo } from "../go.ts";
import type { GoProgram } from "../go.ts";
import type { Places } from "../places.ts";
import type { Say } from "../report.ts";

const VERSION = "1.2.0";
const MODULE: GoProgram = { what: "gofakes3", version: VERSION, directory: join(import.meta.dirname, "../gofakes3") };

/** Builds gofakes3, a server that speaks S3, in which tests keep images, or finds it built. It has no releases. */
export async function provideGofakes3(places: Places, say: Say): Promise<{ program: string; summary: string }> {
  const directory = join(places.cache, `gofakes3-${VERSION}`);
  const program = join(directory, "gofakes3");
  if (await isExecutable(program)) return { program, summary: `${VERSION}, cached` };
  const go = await provideGo(MODULE, "it is built from source everywhere", say);
  say("building from its Go module (about half a minute, once on this machine)");
  await makeWhole(directory, async (unfinished) => {
    await mkdir(unfinished);
    const target = "github.com/johannesboyne/gofakes3/cmd/gofakes3";
    await goBuild(go, MODULE, join(unfinished, "gofakes3"), target, ["-ldflags=-s -w"]);
  });
  return { program, summary: `${VERSION}, built from its Go module` };
}
