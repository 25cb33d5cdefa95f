import { readFile } from "node:fs/promises";
import { z } from "zod";

/** Variable with the settings, as JSON; passwords and keys are in files that it names. */
export const SETTINGS = "SLIPWAY_BACKUP";

const bucket = z.object({
  kind: z.literal("s3"),
  bucket: z.string(),
  /** Empty, or ends in a slash. */
  prefix: z.string(),
  region: z.string(),
  endpoint: z.string().optional(),
  accessKeyIdFile: z.string(),
  secretAccessKeyFile: z.string(),
});

/** What the program is told. */
export const settingsShape = z.object({
  engine: z.enum(["postgres", "mariadb"]),
  host: z.string(),
  port: z.number(),
  user: z.string(),
  passwordFile: z.string(),
  /** Names of the server's databases. */
  databases: z.array(z.string()).min(1),
  to: z.discriminatedUnion("kind", [z.object({ kind: z.literal("directory"), path: z.string() }), bucket]),
  /** File with the words that backups are encrypted with. */
  keyFile: z.string().optional(),
  /** Backups of each database that stay, the newest ones. */
  keep: z.number().int().min(1),
  /** Days for which each backup stays. */
  keepDays: z.number().int().min(0),
  /** Directory into which the server's WAL is received; with it a run takes a base backup as well. */
  wal: z.string().optional(),
  /** Directory for throw-away servers. */
  scratch: z.string(),
});

/** What the program is told, as the component writes it. */
export type BackupSettings = z.infer<typeof settingsShape>;

/** A bucket with its keys. */
export interface BucketConfig extends Omit<z.infer<typeof bucket>, "accessKeyIdFile" | "secretAccessKeyFile"> {
  accessKeyId: string;
  secretAccessKey: string;
}

/** What the program is told, with what the files hold. */
export interface Config extends Omit<BackupSettings, "passwordFile" | "keyFile" | "to"> {
  password: string;
  key: string | undefined;
  to: { kind: "directory"; path: string } | BucketConfig;
}

/** Reads the settings and the files that they name. @throws {Error} when one of them is not there. */
export async function readConfig(env: NodeJS.ProcessEnv): Promise<Config> {
  const written = env[SETTINGS];
  if (written === undefined) throw new Error(`${SETTINGS} must be set, got nothing`);
  const { passwordFile, keyFile, to, ...settings } = settingsShape.parse(JSON.parse(written));
  const [password, key, store] = await Promise.all([
    readSecret(passwordFile),
    keyFile === undefined ? undefined : readSecret(keyFile),
    openKeys(to),
  ]);
  return { ...settings, password, key, to: store };
}

async function openKeys(to: BackupSettings["to"]): Promise<Config["to"]> {
  if (to.kind === "directory") return to;
  const { accessKeyIdFile, secretAccessKeyFile, ...rest } = to;
  const [accessKeyId, secretAccessKey] = await Promise.all([
    readSecret(accessKeyIdFile),
    readSecret(secretAccessKeyFile),
  ]);
  return { ...rest, accessKeyId, secretAccessKey };
}

/** An editor ends a file with a line break that no password has. */
async function readSecret(file: string): Promise<string> {
  return (await readFile(file, "utf8")).replace(/\r?\n$/, "");
}
