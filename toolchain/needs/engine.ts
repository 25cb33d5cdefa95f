import { spawn } from "node:child_process";
import { mkdir, open, readFile, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { canInstall, installPackages, lastLines } from "../apt.ts";
import { contextHost, dockerClient, engineVersion } from "../docker.ts";
import { UserError, describe } from "../errors.ts";
import { findProgram } from "../files.ts";
import type { Places } from "../places.ts";
import type { Say } from "../report.ts";

const START_SECONDS = 60;
// sockaddr_un has room for 108 bytes, the last of them zero.
const LONGEST_SOCKET_PATH = 107;
// Docker's own default has addresses for 31 networks, which ten environments with their platforms can take up.
const ADDRESS_POOL = "base=10.201.0.0/16,size=24";
const PACKAGES = ["docker.io", "iptables", "iproute2"];

/** A Docker engine that answers. */
export interface Engine {
  /** Its address; undefined where Docker's own default finds it. */
  host?: string;
  summary: string;
}

/** Finds the engine that the user has, or starts one of our own on directories of its own. */
export async function provideEngine(places: Places, environment: NodeJS.ProcessEnv, say: Say): Promise<Engine> {
  const own = ownEngine(places);
  const configured = environment.DOCKER_HOST === own.host ? undefined : environment.DOCKER_HOST;
  if (configured !== undefined) return configuredEngine(configured);
  const context = await contextHost(environment);
  const [found, started] = await Promise.all([ask(context), ask(own.host)]);
  if (found.version !== undefined) {
    return { host: context, summary: `${found.version}, ${context === undefined ? "running" : `at ${context}`}` };
  }
  if (started.version !== undefined) return { host: own.host, summary: `${started.version}, our own, running` };
  await refuseWhereAnEngineRuns(found.fault ?? "");
  const dockerd = await provideDockerd(found.fault ?? "", say);
  say(`starting ${dockerd} on ${own.directory}`);
  return { host: own.host, summary: `${await start(dockerd, own)}, our own, started on ${own.directory}` };
}

interface OwnEngine {
  directory: string;
  socket: string;
  log: string;
  host: string;
}

function ownEngine(places: Places): OwnEngine {
  const directory = join(places.cache, "engine");
  const socket = join(directory, "docker.sock");
  return { directory, socket, log: join(directory, "engine.log"), host: `unix://${socket}` };
}

async function configuredEngine(host: string): Promise<Engine> {
  const { version, fault = "" } = await ask(host);
  if (version !== undefined) return { summary: `${version}, at ${host} as DOCKER_HOST says` };
  throw new UserError(
    `DOCKER_HOST: the Docker engine at ${host} does not answer: ${fault}`,
    "Start that engine, or correct DOCKER_HOST; without DOCKER_HOST Slipway looks for an engine itself.",
  );
}

async function ask(host: string | undefined): Promise<{ version?: string; fault?: string }> {
  try {
    return { version: await engineVersion(dockerClient(host)) };
  } catch (error) {
    return { fault: describe(error) };
  }
}

// Two engines in one network namespace would write over each other's packet filter.
async function refuseWhereAnEngineRuns(fault: string): Promise<void> {
  const pid = await findDockerd();
  if (pid === undefined) return;
  throw new UserError(
    `a Docker engine runs (process ${pid}), but it does not answer on the default socket: ${fault}`,
    "Set DOCKER_HOST to its address, such as unix:///path/to/docker.sock, and see that this user may open it.",
  );
}

async function findDockerd(): Promise<string | undefined> {
  const namespace = await readlink("/proc/self/ns/net").catch(() => undefined);
  if (namespace === undefined) return undefined;
  for (const pid of (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry))) {
    const name = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "");
    const itsNamespace = await readlink(`/proc/${pid}/ns/net`).catch(() => undefined);
    if (name.trim() === "dockerd" && (itsNamespace ?? namespace) === namespace) return pid;
  }
  return undefined;
}

async function provideDockerd(fault: string, say: Say): Promise<string> {
  const isRoot = process.getuid?.() === 0;
  if (isRoot && process.platform === "linux") {
    const installed = await findDockerdProgram();
    if (installed !== undefined) return installed;
    if (await canInstall()) {
      say(`installing ${PACKAGES.join(", ")} from the system's packages, as root`);
      await installPackages(PACKAGES);
      const fresh = await findDockerdProgram();
      if (fresh !== undefined) return fresh;
    }
  }
  throw new UserError(
    `no Docker engine answers (${fault}), and none is installed for you: that is done as root on Debian or Ubuntu only`,
    isRoot
      ? "Install Docker (https://docs.docker.com/engine/install) and start it with `systemctl start docker`."
      : "Start Docker, or run `sudo apt-get install docker.io && sudo usermod -aG docker $USER` and sign in again.",
  );
}

function findDockerdProgram(): Promise<string | undefined> {
  return findProgram("dockerd", `${process.env.PATH ?? ""}:/usr/sbin:/usr/local/sbin`);
}

async function start(dockerd: string, engine: OwnEngine): Promise<string> {
  if (Buffer.byteLength(engine.socket) > LONGEST_SOCKET_PATH) {
    throw new UserError(
      `the path of the engine's socket is longer than ${LONGEST_SOCKET_PATH} bytes: ${engine.socket}`,
      "Set SLIPWAY_CACHE to a directory with a shorter path.",
    );
  }
  await mkdir(engine.directory, { recursive: true });
  const log = await open(engine.log, "a");
  const { directory, host } = engine;
  const roots = ["--data-root", join(directory, "data"), "--exec-root", join(directory, "exec")];
  const flags = ["--pidfile", join(directory, "pid"), "--default-address-pool", ADDRESS_POOL, "--host", host];
  const daemon = spawn(dockerd, [...roots, ...flags], {
    detached: true,
    stdio: ["ignore", log.fd, log.fd],
  });
  daemon.unref();
  await log.close();
  let ended: string | undefined;
  daemon.once("error", (error) => (ended = error.message));
  daemon.once("exit", (code, signal) => (ended = `it ended with ${String(code ?? signal)}`));
  return waitForAnswer(engine, () => ended);
}

async function waitForAnswer(engine: OwnEngine, ended: () => string | undefined): Promise<string> {
  const deadline = Date.now() + START_SECONDS * 1000;
  while (Date.now() < deadline && ended() === undefined) {
    const { version } = await ask(engine.host);
    if (version !== undefined) return version;
    await delay(100);
  }
  const log = await readFile(engine.log, "utf8");
  throw new UserError(
    `the Docker engine did not start: ${ended() ?? `no answer within ${START_SECONDS} s`}. Its log ends with:\n${lastLines(log, 8)}`,
    `Mend what the log says (all of it is in ${engine.log}), or set DOCKER_HOST to an engine that runs.`,
  );
}
