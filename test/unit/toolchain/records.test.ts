import { mkdtemp, readFile, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { closingLines } from "../../../toolchain/commands/start.ts";
import { makeWhole } from "../../../toolchain/files.ts";
import { provideEngine } from "../../../toolchain/needs/engine.ts";
import { provideState } from "../../../toolchain/needs/state.ts";
import { placesOf } from "../../../toolchain/places.ts";
import { Refusals } from "../../../toolchain/refusals.ts";
import { isAtLeast } from "../../../toolchain/versions.ts";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "slipway-records-"));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

it("makes the passphrase once, for the user's eyes alone", async () => {
  const places = placesOf(directory, {});
  await provideState(places, {});
  const first = await readFile(places.passphrase, "utf8");
  expect((await stat(places.passphrase)).mode & 0o777).toBe(0o600);
  await provideState(places, {});
  expect(await readFile(places.passphrase, "utf8")).toBe(first);
});

it("makes no passphrase where the user brings one", async () => {
  await provideState(placesOf(directory, {}), { PULUMI_CONFIG_PASSPHRASE: "" });
  expect(await readdir(join(directory, ".slipway"))).toEqual(["state"]);
});

it("remembers a refusal for a day", async () => {
  const refusals = new Refusals(directory);
  const source = "pull docker.io/library/registry:3";
  expect(await refusals.has(source)).toBe(false);
  await refusals.add(source);
  expect(await refusals.has(source)).toBe(true);
  const [file = ""] = await readdir(refusals.directory);
  const yesterday = new Date(Date.now() - 25 * 3_600_000);
  await utimes(join(refusals.directory, file), yesterday, yesterday);
  expect(await refusals.has(source)).toBe(false);
});

it("leaves nothing of what was not finished", async () => {
  const failing = makeWhole(join(directory, "built"), async (unfinished) => {
    await writeFile(unfinished, "half");
    throw new Error("the build failed");
  });
  await expect(failing).rejects.toThrow("the build failed");
  expect(await readdir(directory)).toEqual([]);
});

it("names DOCKER_HOST when the engine that it asks for does not answer", async () => {
  const host = `unix://${directory}/docker.sock`;
  await expect(provideEngine(placesOf(directory, {}), { DOCKER_HOST: host }, () => undefined)).rejects.toThrow(
    `DOCKER_HOST: the Docker engine at ${host} does not answer: connect ENOENT ${directory}/docker.sock`,
  );
});

it("compares versions by their numbers", () => {
  expect(isAtLeast("3.260.0", "3.259.0")).toBe(true);
  expect(isAtLeast("1.9", "1.25")).toBe(false);
  expect(isAtLeast("3.259.0", "3.259.0")).toBe(true);
});

it("closes with the CA file and every URL of every service", () => {
  expect(closingLines({ website: ["https://b", "https://a"], api: "https://c" }, ".slipway/ca.pem")).toBe(
    "CA file  .slipway/ca.pem\napi      https://c\nwebsite  https://b\nwebsite  https://a\n",
  );
});
