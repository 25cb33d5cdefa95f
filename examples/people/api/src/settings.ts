import { readFileSync } from "node:fs";

/** How to reach the database. Slipway sets all of it for a service with `database`. */
export interface DatabaseSettings {
  /** `DATABASE_HOST` */
  host: string;
  /** `DATABASE_PORT`, 1 to 65535. @default 3306 */
  port: number;
  /** `DATABASE_NAME` */
  database: string;
  /** `DATABASE_USER` */
  user: string;
  /** What is in the file `DATABASE_PASSWORD_FILE`. */
  password: string;
}

/** What the process environment decides. */
export interface Settings {
  /** `PORT` to listen on, 0 to 65535; 0 takes a free one. @default 8080 */
  port: number;
  /** `SLIPWAY_VERSION`: sent with every answer. @default "dev" */
  version: string;
  database: DatabaseSettings;
}

type Variables = Record<string, string | undefined>;

/**
 * Reads the settings from the process environment.
 *
 * @throws {Error} when a variable is missing or no port.
 */
export function readSettings(env: Variables): Settings {
  return {
    port: portOf(env, "PORT", 8080, 0),
    version: env.SLIPWAY_VERSION ?? "dev",
    database: {
      host: required(env, "DATABASE_HOST"),
      port: portOf(env, "DATABASE_PORT", 3306, 1),
      database: required(env, "DATABASE_NAME"),
      user: required(env, "DATABASE_USER"),
      password: readFileSync(required(env, "DATABASE_PASSWORD_FILE"), "utf8").trimEnd(),
    },
  };
}

function required(env: Variables, name: string): string {
  const value = env[name] ?? "";
  if (value === "") throw new Error(`${name}: must be set`);
  return value;
}

function portOf(env: Variables, name: string, fallback: number, min: number): number {
  const port = Number(env[name] ?? fallback);
  if (Number.isInteger(port) && port >= min && port <= 65535) return port;
  throw new Error(`${name}: must be an integer from ${min} to 65535, got "${env[name] ?? ""}"`);
}
