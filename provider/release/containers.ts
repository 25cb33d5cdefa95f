import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import { lastLogLines } from "../container-log.ts";
import { statusOf, unlessGone } from "../engine/engine.ts";

const POLL_MS = 100;

/** A container that runs. */
export interface RunningContainer {
  /** Its address on the network that it was started on. */
  address: string;
  /** Result of its own health check; `none` without one. */
  health: "none" | "starting" | "healthy";
}

/**
 * Starts containers that do not run: new ones, and those that an earlier release has stopped. Their processes are limited
 * before, since the Docker plugin has no such input.
 *
 * @throws {Error} when one does not exist or cannot be started.
 */
export async function start(docker: Docker, names: readonly string[], pidsLimit: number): Promise<void> {
  await Promise.all(
    names.map(async (name) => {
      const container = docker.getContainer(name);
      const info = await unlessGone(container.inspect());
      if (!info) throw gone(name);
      const isLimited = info.HostConfig.PidsLimit === pidsLimit;
      // The engine refuses to change a container that has just exited; why it has is worth more, and found out next.
      if (!isLimited) await container.update({ PidsLimit: pidsLimit }).catch(() => undefined);
      if (!info.State.Running && !info.State.Restarting) await container.start();
    }),
  );
}

/** Stops containers for good: their restart policy does not bring them back. What is gone already is fine. */
export async function stop(docker: Docker, names: readonly string[], stopSeconds: number): Promise<void> {
  await Promise.all(
    names.map(async (name) => {
      try {
        await docker.getContainer(name).stop({ t: stopSeconds });
      } catch (error) {
        // 304: it does not run.
        if (![304, 404].includes(statusOf(error) ?? 0)) throw error;
      }
    }),
  );
}

/** True when a container is there and runs. */
export async function isRunning(docker: Docker, name: string): Promise<boolean> {
  return (await unlessGone(docker.getContainer(name).inspect()))?.State.Running ?? false;
}

/**
 * @throws {Error} naming each container that runs as root.
 */
export async function refuseRoot(docker: Docker, names: readonly string[]): Promise<void> {
  const users = await Promise.all(
    names.map(async (name) => (await unlessGone(docker.getContainer(name).inspect()))?.Config.User ?? "nobody"),
  );
  const root = names.filter((_, index) => /^(0+|root)?(:|$)/.test(users[index] ?? ""));
  if (root.length === 0) return;
  throw new Error(
    `containers ${root.join(", ")} run as root: give the image a USER, set the service's \`user\`, ` +
      "or permit it with `relax: { allowRoot: true }`",
  );
}

/** Watches the containers of a release while they start. */
export class ContainerWatch {
  private readonly docker: Docker;
  private readonly names: readonly string[];
  private readonly restarts = new Map<string, number>();

  constructor(docker: Docker, names: readonly string[]) {
    this.docker = docker;
    this.names = names;
  }

  /**
   * Looks at each container.
   *
   * @throws {Error} when one is gone, has exited, has restarted since the first look or is unhealthy; it ends with the
   * container's last log lines.
   */
  async look(): Promise<Map<string, RunningContainer>> {
    const seen = await Promise.all(this.names.map(async (name) => [name, await this.inspect(name)] as const));
    return new Map(seen);
  }

  /**
   * Looks again and again until the signal ends it.
   *
   * @throws {Error} as {@link look} does.
   */
  async untilFault(signal: AbortSignal): Promise<never> {
    for (;;) {
      await this.look();
      await sleep(POLL_MS, undefined, { signal });
    }
  }

  private async inspect(name: string): Promise<RunningContainer> {
    const container = this.docker.getContainer(name);
    const info = await unlessGone(container.inspect());
    if (!info) throw gone(name);
    const fault = await this.faultOf(name, info);
    if (fault !== undefined) {
      throw new Error(`container ${name} ${fault}; its last log lines:\n${await lastLogLines(container)}`);
    }
    const health = info.State.Health?.Status ?? "none";
    const networks = info.NetworkSettings.Networks;
    const [address = ""] = Object.values(networks).flatMap(({ IPAddress }) => IPAddress || []);
    return { address, health: health === "healthy" || health === "starting" ? health : "none" };
  }

  private async faultOf(
    name: string,
    { Id, State, RestartCount }: Docker.ContainerInspectInfo,
  ): Promise<string | undefined> {
    const before = this.restarts.get(name) ?? RestartCount;
    this.restarts.set(name, before);
    if (State.OOMKilled && !State.Running) return "was killed for want of memory";
    if (State.Restarting || !State.Running) return `exited with code ${State.ExitCode}`;
    if (RestartCount > before) return `exited with code ${await lastExitCode(this.docker, Id)} and was restarted`;
    if (State.Health?.Status !== "unhealthy") return undefined;
    const last = State.Health.Log.at(-1);
    return `is unhealthy (its check ended with code ${last?.ExitCode ?? "?"}: ${last?.Output.trim() ?? ""})`;
  }
}

function gone(name: string): Error {
  return new Error(`container ${name} does not exist; \`pulumi up --refresh\` makes it again`);
}

/** A container that was restarted no longer shows how it ended; the engine's events do. */
async function lastExitCode(docker: Docker, id: string): Promise<string> {
  const now = Math.ceil(Date.now() / 1000);
  const filters = JSON.stringify({ container: [id], event: ["die"] });
  const events = await text(await docker.getEvents({ since: now - 60, until: now, filters }));
  const codes = [...events.matchAll(/"exitCode":"(\d+)"/g)].map((match) => match[1]);
  return codes.at(-1) ?? "unknown";
}
