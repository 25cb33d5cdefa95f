import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import Docker from "dockerode";
import { z } from "zod";

const ANSWER_SECONDS = 3;
const PULL_STALL_SECONDS = 10;

/** Makes a client for an engine's address; without one for DOCKER_HOST or Docker's default socket. */
export function dockerClient(host?: string): Docker {
  if (host === undefined) return new Docker();
  // An undefined host keeps dockerode from mixing in the one of DOCKER_HOST.
  if (host.startsWith("unix://")) return new Docker({ host: undefined, socketPath: host.slice("unix://".length) });
  const { protocol, hostname, port, username } = new URL(host);
  if (protocol !== "ssh:") return new Docker({ protocol: "http", host: hostname, port });
  const sshOptions = { agent: process.env.SSH_AUTH_SOCK };
  return new Docker({ protocol: "ssh", host: hostname, port: port === "" ? 22 : port, username, sshOptions });
}

/** The version of the engine that a client speaks to. @throws when it does not answer within 3 s. */
export async function engineVersion(docker: Docker): Promise<string> {
  const late = AbortSignal.timeout(ANSWER_SECONDS * 1000);
  const silence = new Promise<never>((_, reject) => {
    late.addEventListener("abort", () => {
      reject(new Error(`no answer within ${ANSWER_SECONDS} s`));
    });
  });
  const { Version } = await Promise.race([docker.version(), silence]);
  return Version;
}

/**
 * The address that the docker command's current context names, which dockerode knows nothing of. Undefined for the
 * default context.
 */
export async function contextHost(environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  const directory = environment.DOCKER_CONFIG ?? join(homedir(), ".docker");
  const config = await readJson(join(directory, "config.json"), configSchema);
  const name = environment.DOCKER_CONTEXT ?? config?.currentContext ?? "default";
  if (name === "default") return undefined;
  const folder = createHash("sha256").update(name).digest("hex");
  const context = await readJson(join(directory, "contexts/meta", folder, "meta.json"), contextSchema);
  return context?.Endpoints.docker.Host;
}

const configSchema = z.object({ currentContext: z.string().optional() });
const contextSchema = z.object({ Endpoints: z.object({ docker: z.object({ Host: z.string() }) }) });

async function readJson<Value>(file: string, schema: z.ZodType<Value>): Promise<Value | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch {
    return undefined;
  }
}

/** What the engine knows of an image; undefined when it has none of that name. */
export async function findImage(docker: Docker, reference: string): Promise<Docker.ImageInspectInfo | undefined> {
  try {
    return await docker.getImage(reference).inspect();
  } catch (error) {
    if (error instanceof Error && "statusCode" in error && error.statusCode === 404) return undefined;
    throw error;
  }
}

/** Pulls an image. @throws when the registry refuses, or when nothing moves for 10 s. */
export async function pullImage(docker: Docker, reference: string, say: (progress: string) => void): Promise<void> {
  const stalled = new AbortController();
  const watch = setTimeout(() => {
    stalled.abort(new Error(`nothing moved for ${PULL_STALL_SECONDS} s`));
  }, PULL_STALL_SECONDS * 1000);
  try {
    const stream = await docker.pull(reference, { abortSignal: stalled.signal });
    await follow(docker, stream, ({ status, id }) => {
      watch.refresh();
      if (id === undefined && status !== undefined) say(status);
    });
  } catch (error) {
    throw stalled.signal.aborted ? stalled.signal.reason : error;
  } finally {
    clearTimeout(watch);
  }
}

/** Makes an image of a root directory's tar archive, as `docker import` does. */
export async function importArchive(
  docker: Docker,
  archive: NodeJS.ReadableStream,
  reference: string,
  changes: readonly string[],
): Promise<void> {
  const [repo, tag] = reference.split(":");
  const stream = await docker.importImage(archive, { repo, tag, changes: [...changes] });
  await follow(docker, stream, () => undefined);
}

interface Progress {
  status?: string;
  id?: string;
}

function follow(
  docker: Docker,
  stream: NodeJS.ReadableStream,
  onProgress: (progress: Progress) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = (error: Error | null) => {
      if (error) reject(error);
      else resolve();
    };
    docker.modem.followProgress(stream, finish, onProgress);
  });
}
