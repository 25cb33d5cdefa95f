/** What the process environment decides. */
export interface Settings {
  /** `PORT` to listen on, 0 to 65535; 0 takes a free one. @default 8080 */
  port: number;
  /** `DATA_DIR`, the folder of articles, or a symbolic link that is switched to another one. @default "/data/current" */
  dataDirectory: string;
  /** `LOG_DIR`, the folder of the request logs. @default "/var/log/website" */
  logDirectory: string;
  /** `SLIPWAY_VERSION`, else `APP_VERSION`: the version of the program, sent with every answer. @default "dev" */
  version: string;
}

/**
 * Reads the settings from the process environment.
 *
 * @throws {Error} when `PORT` is no port.
 */
export function readSettings(env: Record<string, string | undefined>): Settings {
  const port = Number(env.PORT ?? 8080);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new Error(`PORT: must be an integer from 0 to 65535, got "${env.PORT ?? ""}"`);
  }
  return {
    port,
    dataDirectory: env.DATA_DIR ?? "/data/current",
    logDirectory: env.LOG_DIR ?? "/var/log/website",
    version: env.SLIPWAY_VERSION ?? env.APP_VERSION ?? "dev",
  };
}
