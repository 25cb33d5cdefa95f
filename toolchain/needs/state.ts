import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { hasPassphrase } from "../environment.ts";
import type { Places } from "../places.ts";

/**
 * Makes the directory of the local state and the passphrase of its secrets, once. A passphrase that the user brings by
 * PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE is used instead.
 */
export async function provideState(places: Places, environment: NodeJS.ProcessEnv): Promise<string> {
  await mkdir(places.state, { recursive: true });
  if (hasPassphrase(environment)) return "the passphrase of the environment";
  try {
    await writeFile(places.passphrase, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600, flag: "wx" });
    return "passphrase made in .slipway/passphrase; keep a copy, the secrets in .slipway/state need it";
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return "in .slipway/state";
    throw error;
  }
}
