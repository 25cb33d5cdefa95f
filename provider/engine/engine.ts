import { readFile } from "node:fs/promises";
import type { Agent } from "node:http";
import { homedir } from "node:os";
import { join } from "node:path";
import type Docker from "dockerode";
import type { DockerOptions } from "dockerode";
import { describe } from "../plugin/describe.ts";
import type { ResourceContext } from "../plugin/resource.ts";

const DEFAULT_HOST = "unix:///var/run/docker.sock";

const engines = new Map<string, Promise<Docker>>();

/**
 * Connects to the engine: the provider's `host`, else `DOCKER_HOST`, else the default socket.
 *
 * dockerode is loaded here, at first use: it costs 0.15 s, which a preview need not pay.
 *
 * @throws {Error} when no engine answers there; it names the host and what to do.
 */
export async function connect(context: Pick<ResourceContext, "config">): Promise<Docker> {
  const { config } = context;
  const host = addressOf(context);
  const engine = engines.get(host) ?? open(host, config);
  engines.set(host, engine);
  try {
    return await engine;
  } catch (error) {
    engines.delete(host);
    throw unreachable(host, error);
  }
}

/** Address of the engine that {@link connect} leads to. */
export function addressOf({ config }: Pick<ResourceContext, "config">): string {
  return setting(config.host) ?? setting(process.env.DOCKER_HOST) ?? DEFAULT_HOST;
}

/** True when the engine answers that the object is not there. */
export function isNotFound(error: unknown): boolean {
  return statusOf(error) === 404;
}

/** The HTTP status of an engine's answer; undefined for any other error. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof Error && "statusCode" in error ? Number(error.statusCode) : undefined;
}

/** The engine's own words, without dockerode's `(HTTP code 409) conflict - `. */
export function reasonOf(error: unknown): string {
  return describe(error)
    .replace(/^\(HTTP code \d+\) .*? - /, "")
    .trim();
}

/** Inspects an object; undefined when it is gone. */
export function inspectIfThere<T>(object: { inspect: () => Promise<T> }): Promise<T | undefined> {
  return unlessGone(object.inspect());
}

/** Waits for a call on something that may be gone; undefined when it is. */
export async function unlessGone<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function open(host: string, config: ResourceContext["config"]): Promise<Docker> {
  const options = await optionsFor(host, config);
  const { default: Client } = await import("dockerode");
  const docker = new Client(options);
  await docker.ping();
  return docker;
}

// Each key is set, if to undefined: dockerode fills in from DOCKER_HOST whatever is left out.
async function optionsFor(host: string, config: ResourceContext["config"]): Promise<DockerOptions & { agent?: Agent }> {
  const url = new URL(host.includes("://") ? host : `tcp://${host}`);
  const none: DockerOptions = { host: undefined, port: undefined, protocol: "http", socketPath: undefined };
  switch (url.protocol) {
    case "unix:":
    case "npipe:":
      return { ...none, socketPath: host.slice(host.indexOf("://") + 3) };
    case "ssh:": {
      const { SshAgent } = await import("./ssh-agent.ts");
      return { ...none, host: "docker", agent: new SshAgent(url) };
    }
    case "tcp:":
    case "http:":
    case "https:": {
      const tls = await tlsFor(url, config);
      const port = url.port === "" ? (tls ? 2376 : 2375) : url.port;
      return { ...none, host: url.hostname, port, protocol: tls ? "https" : "http", ...tls };
    }
    default:
      throw new Error(`"${url.protocol}" is none of unix:, npipe:, tcp:, http:, https: and ssh:`);
  }
}

async function tlsFor(
  url: URL,
  config: ResourceContext["config"],
): Promise<Pick<DockerOptions, "ca" | "cert" | "key"> | undefined> {
  const directory = setting(config.certPath) ?? setting(process.env.DOCKER_CERT_PATH);
  const material = [config.caMaterial, config.certMaterial, config.keyMaterial].map(setting);
  const wanted = directory ?? material.find(Boolean) ?? setting(process.env.DOCKER_TLS_VERIFY);
  if (wanted === undefined) return url.protocol === "https:" || url.port === "2376" ? {} : undefined;
  const read = (name: string) => readFile(join(directory ?? join(homedir(), ".docker"), name), "utf8");
  const [ca, cert, key] = material;
  return {
    ca: ca ?? (await read("ca.pem")),
    cert: cert ?? (await read("cert.pem")),
    key: key ?? (await read("key.pem")),
  };
}

function unreachable(host: string, error: unknown): Error {
  return new Error(
    `no Docker engine answers at ${host} (${describe(error)}): start it, ` +
      "or name another with DOCKER_HOST or the stack file's target.host",
    { cause: error },
  );
}

function setting(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
