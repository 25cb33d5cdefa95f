import type Docker from "dockerode";
import type { ResourceContext } from "./plugin/resource.ts";

const clients = new Map<string, Promise<Docker>>();

/**
 * The Docker engine that the plugin's `host` setting names, else DOCKER_HOST, else the default socket.
 *
 * @throws {Error} when it cannot be reached, with its address and what to do.
 */
export function dockerOf(context: Pick<ResourceContext, "config">): Promise<Docker> {
  const { host = process.env.DOCKER_HOST ?? "" } = context.config;
  if (typeof host !== "string") throw new Error(`slipway:host: must be a Docker host, got ${JSON.stringify(host)}`);
  const client = clients.get(host) ?? connect(host);
  clients.set(host, client);
  // The next resource tries again, since the engine may have come up meanwhile.
  client.catch(() => clients.delete(host));
  return client;
}

/** True when Docker answered that what was asked for is not there. */
export function isNotFound(error: unknown): boolean {
  return statusOf(error) === 404;
}

/** The HTTP status of Docker's answer; undefined when the error is none of Docker's answers. */
export function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("statusCode" in error)) return undefined;
  return typeof error.statusCode === "number" ? error.statusCode : undefined;
}

/** Runs a call on something that may be gone; undefined when it is. */
export async function unlessGone<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function connect(host: string): Promise<Docker> {
  const { default: Client } = await import("dockerode");
  // The client parses every form of host (unix, tcp, ssh, TLS by DOCKER_CERT_PATH), but from this variable alone.
  if (host !== "") process.env.DOCKER_HOST = host;
  const docker = new Client();
  try {
    await docker.ping();
  } catch (error) {
    const where = host === "" ? "the default socket /var/run/docker.sock" : host;
    throw new Error(
      `no Docker engine answers at ${where} (${reasonOf(error)}): start it, ` +
        "or name another with DOCKER_HOST or the stack file's target.host",
    );
  }
  return docker;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message !== "" || !("code" in error) ? error.message : String(error.code);
}
