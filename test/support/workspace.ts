import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { randomBytes, randomInt } from "node:crypto";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import Docker from "dockerode";
import { execa } from "execa";
import getPort, { portNumbers } from "get-port";
import { stringify } from "yaml";
import { endProcessesIn } from "./processes.ts";
import { request } from "./request.ts";
import type { Answer } from "./request.ts";
import { removeLabelled } from "./remove-labelled.ts";

const REPOSITORY = resolve(import.meta.dirname, "../..");

/** How a command ended. */
export interface CommandResult {
  exitCode: number;
  /** Standard output and standard error, as they came. */
  output: string;
  stdout: string;
}

/**
 * A copy of this project with state, names and ports of its own, on the engine of the test run. What it leaves on the
 * engine is labelled with its namespace.
 */
export interface Workspace {
  directory: string;
  namespace: string;
  ports: { http: number; https: number; status: number; registry: number };
  docker: Docker;
  /** Environment of its commands. */
  env: Record<string, string>;
  /** Runs a program in the directory; a failing one is a result like any other. */
  run: (command: string, args: readonly string[], env?: Record<string, string>) => Promise<CommandResult>;
  /** Runs `pulumi` without asking anything. */
  pulumi: (...args: string[]) => Promise<CommandResult>;
  /** Writes this workspace's names and ports into a stack's configuration file. */
  configure: (stack: string) => Promise<void>;
  /** Creates a stack with this workspace's names and ports. */
  initStack: (stack: string) => Promise<void>;
  /** Creates what is missing and deploys. @throws {Error} with the output when it fails. */
  up: (stack: string) => Promise<CommandResult>;
  /** The outputs of a stack, secrets shown. */
  outputs: (stack: string) => Promise<Record<string, unknown>>;
  /** Asks the proxy over TLS, trusting the platform's authority alone. */
  get: (host: string, path?: string) => Promise<Answer>;
  /** Changes a file of the copy. */
  edit: (file: string, change: (content: string) => string) => Promise<void>;
  /** Removes all that is labelled with the namespace, and the directory. */
  remove: () => Promise<void>;
}

/** Makes a workspace; `remove` it when the tests are through with it. */
export async function createWorkspace(): Promise<Workspace> {
  const namespace = `t${randomBytes(4).toString("hex")}`;
  const directory = await mkdtemp(join(tmpdir(), `slipway-${namespace}-`));
  await copyProject(directory);
  const docker = new Docker();
  const port = portPicker();
  const ports = { http: await port(), https: await port(), status: await port(), registry: await port() };
  const env = environmentOf(directory);
  let authority: string | undefined;

  const run: Workspace["run"] = async (command, args, more = {}) => {
    const result = await execa(command, args, {
      cwd: directory,
      env: { ...env, ...more },
      extendEnv: false,
      all: true,
      reject: false,
    });
    return { exitCode: result.exitCode ?? -1, output: result.all, stdout: result.stdout };
  };
  const pulumi: Workspace["pulumi"] = (...args) => run("pulumi", [...args, "--non-interactive"]);
  const succeed = async (...args: string[]) => {
    const result = await pulumi(...args);
    if (result.exitCode !== 0)
      throw new Error(`pulumi ${args.join(" ")} ended with ${result.exitCode}:\n${result.output}`);
    return result;
  };
  const outputs: Workspace["outputs"] = async (stack) => {
    const { stdout } = await succeed("stack", "output", "--json", "--show-secrets", "--stack", stack);
    return JSON.parse(stdout) as Record<string, unknown>;
  };
  const configure = async (stack: string) => {
    const config = {
      "slipway:namespace": namespace,
      "slipway:httpPort": ports.http,
      "slipway:httpsPort": ports.https,
      "slipway:statusPort": ports.status,
      "slipway:registryPort": ports.registry,
    };
    await writeFile(join(directory, `Pulumi.${stack}.yaml`), stringify({ config }));
  };
  const initStack = async (stack: string) => {
    await configure(stack);
    await succeed("stack", "init", stack);
  };

  return {
    directory,
    namespace,
    ports,
    docker,
    env,
    run,
    pulumi,
    configure,
    initStack,
    outputs,
    async up(stack) {
      const { exitCode } = await pulumi("stack", "select", stack);
      if (exitCode !== 0) await initStack(stack);
      return succeed("up", "--yes", "--skip-preview", "--stack", stack);
    },
    async get(host, path = "/") {
      authority ??= String((await outputs("platform")).ca);
      return request({ host, port: ports.https, path, authority });
    },
    async edit(file, change) {
      const path = join(directory, file);
      await writeFile(path, change(await readFile(path, "utf8")));
    },
    async remove() {
      await endProcessesIn(directory);
      await removeLabelled(docker, namespace);
      await removeImages(docker, `127.0.0.1:${ports.registry}/`);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Makes a workspace whose stacks `platform` and `dev` are deployed; `remove` it when the tests are through with it. */
export async function createDeployedWorkspace(): Promise<Workspace> {
  const workspace = await createWorkspace();
  try {
    for (const stack of ["platform", "dev"]) await workspace.up(stack);
    return workspace;
  } catch (error) {
    await workspace.remove();
    throw error;
  }
}

/** Everything on the engine that belongs to a namespace: kind and name, sorted. */
export async function listLabelled(docker: Docker, namespace: string): Promise<string[]> {
  const filters = { label: [`slipway.namespace=${namespace}`] };
  const [containers, networks, { Volumes: volumes }] = await Promise.all([
    docker.listContainers({ all: true, filters }),
    docker.listNetworks({ filters }),
    docker.listVolumes({ filters }),
  ]);
  return [
    ...containers.map(({ Names: [name = ""] }) => `container ${name.slice(1)}`),
    ...networks.map(({ Name }) => `network ${Name}`),
    ...volumes.map(({ Name }) => `volume ${Name}`),
  ].sort();
}

/** Local image references of a registry: `repository:tag` and `repository@digest`, sorted. */
export async function listImages(docker: Docker, registry: string): Promise<string[]> {
  const images = await docker.listImages();
  return images
    .flatMap(({ RepoTags, RepoDigests }) => [...(RepoTags ?? []), ...(RepoDigests ?? [])])
    .filter((reference) => reference.startsWith(registry))
    .sort();
}

/** Picks free ports from a block of its own, below those that the system gives to outgoing connections meanwhile. */
function portPicker(): () => Promise<number> {
  const first = 10_000 + 10 * randomInt(2000);
  return () => getPort({ port: portNumbers(first, first + 9) });
}

async function copyProject(directory: string): Promise<void> {
  const { stdout } = await execa("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    cwd: REPOSITORY,
  });
  const files = stdout.split("\n").filter((name) => name !== "" && !name.startsWith("test/"));
  // A file that is deleted and not committed yet is still listed, and not there to copy.
  await execa("cp", ["--archive", "--parents", ...files, directory], { cwd: REPOSITORY, reject: false });
  // With the times of their folders, by which launch-plugin tells that the bundles are current.
  await execa("cp", ["--archive", "provider", "toolchain", directory], { cwd: REPOSITORY });
  await mkdir(join(directory, ".slipway/state"), { recursive: true });
  await symlink(join(REPOSITORY, "node_modules"), join(directory, "node_modules"));
  // Plugins of this project start in half the time from the bundles that setup made.
  await symlink(join(REPOSITORY, ".slipway/bundles"), join(directory, ".slipway/bundles"));
}

/** What would let the test run's own settings into the workspace. */
const NOT_INHERITED = ["NODE_ENV", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE", "VITEST"];

function environmentOf(directory: string): Record<string, string> {
  const inherited = Object.entries(process.env).flatMap(([key, value]) =>
    value === undefined || NOT_INHERITED.includes(key) ? [] : [[key, value] as const],
  );
  return {
    ...Object.fromEntries(inherited),
    PULUMI_CONFIG_PASSPHRASE: "correct horse battery staple",
    PULUMI_BACKEND_URL: `file://${join(directory, ".slipway/state")}?metadata=skip`,
  };
}

async function removeImages(docker: Docker, registry: string): Promise<void> {
  for (const reference of await listImages(docker, registry)) {
    await docker
      .getImage(reference)
      .remove({ force: true })
      .catch(() => undefined);
  }
}
