import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Docker from "dockerode";
import { execa } from "execa";

/** A Docker engine of a test's own, which can be restarted; its networks are in a network namespace of its own. */
export interface OwnEngine {
  /** What `DOCKER_HOST` is to be. */
  host: string;
  docker: Docker;
  /** Takes images over from the engine of the test run. */
  load: (...images: string[]) => Promise<void>;
  /** Ends the engine, and its containers with it, and starts it again. */
  restart: () => Promise<void>;
  /** Runs a program where the engine's published ports are. */
  run: (program: string, args: readonly string[]) => Promise<string>;
  /** Ends the engine and removes all that it had. */
  remove: () => Promise<void>;
}

/** An address of documentation (RFC 5737) at which an engine of one's own finds its own published ports. */
export const OWN_ADDRESS = "192.0.2.10";

/**
 * Starts an engine; needs root.
 *
 * @param names that it resolves to {@link OWN_ADDRESS}. It and its containers see no other `/etc/hosts`, and an `/etc/docker`
 * of their own.
 * @param flags of `dockerd`.
 */
export async function startOwnEngine(names: readonly string[] = [], flags: readonly string[] = []): Promise<OwnEngine> {
  const directory = await mkdtemp(join(tmpdir(), "slipway-engine-"));
  const namespace = directory.slice(directory.lastIndexOf("/") + 1);
  const socket = join(directory, "docker.sock");
  const docker = new Docker({ host: undefined, socketPath: socket });
  await execa("ip", ["netns", "add", namespace]);
  await execa("ip", ["-n", namespace, "link", "set", "lo", "up"]);
  await execa("ip", ["-n", namespace, "address", "add", `${OWN_ADDRESS}/32`, "dev", "lo"]);
  const hosts = join(directory, "hosts");
  await writeFile(hosts, ["127.0.0.1 localhost", ...names.map((name) => `${OWN_ADDRESS} ${name}`), ""].join("\n"));
  const mounts = `mount --bind ${hosts} /etc/hosts && mkdir -p /etc/docker && mount -t tmpfs tmpfs /etc/docker`;
  const alone = names.length === 0 ? [] : ["unshare", "--mount", "sh", "-c", `${mounts} && exec "$@"`, "sh"];
  // `ip netns exec` would mount /sys anew, and the engine would miss its control groups.
  const inside = [`--net=/var/run/netns/${namespace}`];
  let daemon = await start();

  async function start() {
    const roots = ["--data-root", join(directory, "data"), "--exec-root", join(directory, "exec")];
    const own = [...roots, "--pidfile", join(directory, "pid"), "--host", `unix://${socket}`, ...flags];
    const started = spawn("nsenter", [...inside, ...alone, "dockerd", ...own], { stdio: "ignore" });
    for (let attempt = 0; attempt < 300; attempt++) {
      if (await docker.ping().catch(() => undefined)) return started;
      await sleep(100);
    }
    throw new Error(`no engine answers on ${socket}`);
  }

  async function end() {
    const ended = once(daemon, "exit");
    daemon.kill("SIGTERM");
    await ended;
  }

  return {
    host: `unix://${socket}`,
    docker,
    async load(...images) {
      const given = new Docker();
      for (const image of images) {
        const loading = await docker.loadImage(await given.getImage(image).get());
        await new Promise((resolve) => {
          docker.modem.followProgress(loading, resolve);
        });
      }
    },
    async restart() {
      await end();
      daemon = await start();
    },
    run: async (program, args) => (await execa("nsenter", [...inside, program, ...args])).stdout,
    async remove() {
      await end();
      await execa("ip", ["netns", "delete", namespace]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}
