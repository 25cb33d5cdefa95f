import { lstat, mkdir, mkdtemp, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { providePlugins, standInLauncher } from "../../../toolchain/needs/plugins.ts";
import { placesOf } from "../../../toolchain/places.ts";
import type { Places } from "../../../toolchain/places.ts";
import { Refusals } from "../../../toolchain/refusals.ts";
import { PLUGIN_VERSIONS } from "../../../toolchain/versions.ts";

let directory: string;
let places: Places;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "slipway-plugins-"));
  places = placesOf(join(directory, "repository"), { SLIPWAY_CACHE: join(directory, "cache") });
  vi.stubEnv("HOME", directory);
  // What a closed machine remembers; without it this test would ask the network.
  await new Refusals(places.cache).add("https://get.pulumi.com");
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(directory, { recursive: true });
});

function fileIn(home: string, name: string): string {
  return join(home, "plugins", `resource-${name}-v${PLUGIN_VERSIONS[name] ?? ""}`, `pulumi-resource-${name}`);
}

async function installOfficial(name: string): Promise<string> {
  const file = fileIn(join(directory, ".pulumi"), name);
  await mkdir(join(file, ".."), { recursive: true });
  await writeFile(file, "#!/bin/sh\n", { mode: 0o755 });
  return file;
}

const provide = () => providePlugins(places, "/nowhere", () => undefined);
const placed = (name: string) => fileIn(places.pulumiHome, name);

it("places stand-ins that may be run, and says plainly that they stand in", async () => {
  expect(await provide()).toMatch(/^stand-ins of this project for docker [\d.]+, random [\d.]+, tls [\d.]+, as /);
  expect(await readFile(placed("tls"), "utf8")).toBe(standInLauncher("tls", places.repository));
  expect((await lstat(placed("tls"))).mode & 0o777).toBe(0o755);
});

it("takes the official plugin that the user has in the place of a stand-in", async () => {
  await provide();
  const official = await installOfficial("docker");
  expect(await provide()).toMatch(/^docker [\d.]+; stand-ins of this project for random [\d.]+, tls [\d.]+, as /);
  expect(await readlink(placed("docker"))).toBe(official);
});

it("says nothing of stand-ins where all plugins are official", async () => {
  for (const name of Object.keys(PLUGIN_VERSIONS)) await installOfficial(name);
  const { docker, random, tls } = PLUGIN_VERSIONS;
  expect(await provide()).toBe(`docker ${docker ?? ""}, random ${random ?? ""}, tls ${tls ?? ""}`);
});
