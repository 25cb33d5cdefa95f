import { randomBytes } from "node:crypto";
import { copyFile, glob, mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { hasPassphrase } from "../environment.ts";
import type { Places } from "../places.ts";

/**
 * Makes the directory of the local state and the passphrase of its secrets, once. A passphrase that the user brings by
 * PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE is used instead.
 *
 * Pulumi's file backend can be killed between emptying a stack's file and writing it, after which no command reads the
 * stack ("failed to load checkpoint: EOF"). Such a file is brought back from the copy that Pulumi makes before.
 */
export async function provideState(places: Places, environment: NodeJS.ProcessEnv): Promise<string> {
  await mkdir(places.state, { recursive: true });
  const torn = await restoreTornStacks(places.state);
  const restored = torn.length === 0 ? "" : `; restored ${torn.join(", ")} from its copy, run up --refresh on it`;
  return `${await providePassphrase(places, environment)}${restored}`;
}

async function providePassphrase(places: Places, environment: NodeJS.ProcessEnv): Promise<string> {
  if (hasPassphrase(environment)) return "the passphrase of the environment";
  try {
    await writeFile(places.passphrase, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600, flag: "wx" });
    return "passphrase made in .slipway/passphrase; keep a copy, the secrets in .slipway/state need it";
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return "in .slipway/state";
    throw error;
  }
}

/** Brings back the stacks whose file was emptied and not written; their names. */
async function restoreTornStacks(state: string): Promise<string[]> {
  const restored: string[] = [];
  for await (const file of glob(join(state, ".pulumi/stacks/**/*.json"))) {
    if ((await isJson(file)) || !(await isJson(`${file}.bak`))) continue;
    await copyFile(`${file}.bak`, file);
    restored.push(basename(file, ".json"));
  }
  return restored;
}

async function isJson(file: string): Promise<boolean> {
  try {
    JSON.parse(await readFile(file, "utf8"));
    return true;
  } catch {
    return false;
  }
}
