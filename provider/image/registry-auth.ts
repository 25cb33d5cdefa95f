import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { AuthConfigObject } from "dockerode";
import { z } from "zod";
import type { ResourceContext } from "../plugin/resource.ts";
import { parseReference } from "./reference.ts";

const registryAuth = z.array(
  z.object({ address: z.string(), username: z.string().optional(), password: z.string().optional() }),
);
const dockerConfig = z.object({
  auths: z.record(z.string(), z.object({ auth: z.string().optional() })).default({}),
});

/**
 * Finds the credentials for the registry of an image: the provider's `registryAuth` first, then what `docker login`
 * wrote in the docker configuration file. Credential helpers are not asked.
 */
export async function authFor(reference: string, context: ResourceContext): Promise<AuthConfigObject | undefined> {
  const { registry } = parseReference(reference);
  const entries = registryAuth.parse(context.config.registryAuth ?? []);
  const entry = entries.find(({ address }) => registryHost(address) === registry);
  if (entry?.username !== undefined) return credentials(registry, entry.username, entry.password ?? "");
  return fromDockerConfig(registry);
}

/** What the engine wants to be told when it signs in to a registry. */
export function credentials(registry: string, username: string, password: string): AuthConfigObject {
  return { username, password, serveraddress: registry };
}

/** The host of a registry's address: `https://index.docker.io/v1/` is `docker.io`. */
export function registryHost(address: string): string {
  const host = address.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
  return host === "index.docker.io" || host === "registry-1.docker.io" ? "docker.io" : host;
}

/** What `docker login` wrote for a registry in the docker configuration file. */
export async function fromDockerConfig(registry: string): Promise<AuthConfigObject | undefined> {
  const file = join(process.env.DOCKER_CONFIG ?? join(homedir(), ".docker"), "config.json");
  const text = await readFile(file, "utf8").catch(() => "{}");
  const { auths } = dockerConfig.parse(JSON.parse(text));
  const encoded = Object.entries(auths).find(([address]) => registryHost(address) === registry)?.[1].auth;
  if (encoded === undefined) return undefined;
  const [username = "", ...password] = Buffer.from(encoded, "base64").toString().split(":");
  return credentials(registry, username, password.join(":"));
}
