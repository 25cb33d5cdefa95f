import { randomBytes } from "node:crypto";
import { glob, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { hasPassphrase } from "../environment.ts";
import type { Places } from "../places.ts";

/**
 * Makes the directory of the local state and the passphrase of its secrets, once. A passphrase that the user brings by
 * PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE is used instead.
 *
 * Pulumi's file backend writes a stack's file at once, but not the attributes beside it (gocloud.dev/blob/fileblob): killed
 * in between, it leaves them empty, after which no command reads the stack ("failed to load checkpoint: EOF"). They hold
 * nothing that it needs, and are removed.
 */
export async function provideState(places: Places, environment: NodeJS.ProcessEnv): Promise<string> {
  await mkdir(places.state, { recursive: true });
  const torn = await mendTornStacks(places.state);
  const mended = torn.length === 0 ? "" : `; mended the torn file of ${torn.join(", ")}`;
  return `${await providePassphrase(places, environment)}${mended}`;
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

/** Removes attributes that were not written; the names of the stacks that no command could read for it. */
async function mendTornStacks(state: string): Promise<string[]> {
  const mended: string[] = [];
  for await (const file of glob(join(state, ".pulumi/stacks/**/*.attrs"))) {
    if (await isJson(file)) continue;
    await rm(file);
    mended.push(basename(file).replace(/\.json.*$/, ""));
  }
  return mended;
}

async function isJson(file: string): Promise<boolean> {
  try {
    JSON.parse(await readFile(file, "utf8"));
    return true;
  } catch {
    return false;
  }
}
