import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { bundlePlugins, PLUGIN_SOURCES } from "../bundles.ts";
import { answers } from "../download.ts";
import { isExecutable } from "../files.ts";
import type { Places } from "../places.ts";
import { REFUSAL_HOURS, Refusals } from "../refusals.ts";
import type { Say } from "../report.ts";
import { PLUGIN_VERSIONS } from "../versions.ts";

const PLUGIN_HOST = "https://get.pulumi.com";
const INSTALL_SECONDS = 300;

/** Bundles the plugin `slipway` and the stand-ins, so that each starts in a fraction of a second. */
export async function provideBundles(places: Places): Promise<string> {
  return (await bundlePlugins(places)) ? "bundled from provider/ and toolchain/plugins/" : "bundles are current";
}

/** Puts each plugin into Pulumi's home: the official one where it is installed or can be had, else our stand-in. */
export async function providePlugins(places: Places, pulumiBin: string, say: Say): Promise<string> {
  const official: string[] = [];
  const standIns: string[] = [];
  for (const [name, version] of Object.entries(PLUGIN_VERSIONS)) {
    const found = await findOfficial(name, version, places, pulumiBin, say);
    if (found === undefined) await placeStandIn(name, version, places);
    else await placeOfficial(found, name, version, places);
    (found === undefined ? standIns : official).push(`${name} ${version}`);
  }
  if (standIns.length === 0) return official.join(", ");
  const refused = `stand-ins of this project for ${standIns.join(", ")}, as get.pulumi.com does not answer`;
  const again = `asked again after ${REFUSAL_HOURS} h`;
  return [official.join(", "), `${refused}; ${again}`].filter((part) => part !== "").join("; ");
}

/** The launcher of a stand-in: two lines of shell that Pulumi starts as the plugin's program. */
export function standInLauncher(name: string, repository: string): string {
  const quoted = `'${join(repository, "toolchain/launch-plugin").replaceAll("'", `'\\''`)}'`;
  return `#!/bin/sh\nexec ${quoted} ${name} ${PLUGIN_SOURCES[name] ?? ""} "$@"\n`;
}

async function findOfficial(
  name: string,
  version: string,
  places: Places,
  pulumiBin: string,
  say: Say,
): Promise<string | undefined> {
  const home = join(places.cache, "pulumi-home");
  const candidates = [home, join(homedir(), ".pulumi")].map((directory) => pluginFile(directory, name, version));
  for (const file of candidates) if (await isExecutable(file)) return file;
  const refusals = new Refusals(places.cache);
  if (await refusals.has(PLUGIN_HOST)) return undefined;
  say(`asking get.pulumi.com for plugin ${name} ${version}`);
  const installed = (await answers(PLUGIN_HOST)) && (await install(name, version, home, pulumiBin));
  if (!installed) await refusals.add(PLUGIN_HOST);
  return installed ? pluginFile(home, name, version) : undefined;
}

async function install(name: string, version: string, home: string, pulumiBin: string): Promise<boolean> {
  const { exitCode } = await execa(join(pulumiBin, "pulumi"), ["plugin", "install", "resource", name, version], {
    env: { PULUMI_HOME: home, PULUMI_SKIP_UPDATE_CHECK: "1" },
    timeout: INSTALL_SECONDS * 1000,
    reject: false,
  });
  return exitCode === 0 && (await isExecutable(pluginFile(home, name, version)));
}

async function placeOfficial(file: string, name: string, version: string, places: Places): Promise<void> {
  const target = pluginFile(places.pulumiHome, name, version);
  await mkdir(join(target, ".."), { recursive: true });
  await rm(target, { force: true });
  await symlink(file, target);
}

async function placeStandIn(name: string, version: string, places: Places): Promise<void> {
  const target = pluginFile(places.pulumiHome, name, version);
  const launcher = standInLauncher(name, places.repository);
  if ((await readFile(target, "utf8").catch(() => undefined)) === launcher) return;
  await mkdir(join(target, ".."), { recursive: true });
  await rm(target, { force: true });
  await writeFile(target, launcher, { mode: 0o755 });
}

function pluginFile(home: string, name: string, version: string): string {
  return join(home, "plugins", `resource-${name}-v${version}`, `pulumi-resource-${name}`);
}
