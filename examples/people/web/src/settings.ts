/** What the process environment decides. */
export interface Settings {
  /** `PORT` to listen on, 0 to 65535; 0 takes a free one. @default 8080 */
  port: number;
  /** `API`: the address of the API, such as `http://api:8080`. */
  api: string;
  /** `SLIPWAY_VERSION`: sent with every answer. @default "dev" */
  version: string;
}

/**
 * Reads the settings from the process environment.
 *
 * @throws {Error} when `API` is no address or `PORT` no port.
 */
export function readSettings(env: Record<string, string | undefined>): Settings {
  const port = Number(env.PORT ?? 8080);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new Error(`PORT: must be an integer from 0 to 65535, got "${env.PORT ?? ""}"`);
  }
  const api = env.API ?? "";
  if (!URL.canParse(api)) throw new Error(`API: must be the address of the API, such as http://api:8080, got "${api}"`);
  return { port, api: api.replace(/\/$/, ""), version: env.SLIPWAY_VERSION ?? "dev" };
}
