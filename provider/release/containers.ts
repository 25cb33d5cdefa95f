import { text } from "node:stream/consumers";
import type Docker from "dockerode";
import { lastLogLines } from "../container-log.ts";
import { unlessGone } from "../engine/engine.ts";

/** A container that runs. */
export interface RunningContainer {
  /** Its addresses on all of its networks. */
  addresses: string[];
  /** True when its own health check passes, or it has none. */
  healthy: boolean;
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
   * Limits the processes that each container may have; the Docker plugin has no such input.
   *
   * @throws {Error} as {@link look} does.
   */
  async limitPids(pidsLimit: number): Promise<void> {
    await this.look();
    try {
      await Promise.all(this.names.map((name) => this.docker.getContainer(name).update({ PidsLimit: pidsLimit })));
    } catch (error) {
      // The engine refuses a container that has just exited; why it has is worth more.
      await this.look();
      throw error;
    }
  }

  private async inspect(name: string): Promise<RunningContainer> {
    const container = this.docker.getContainer(name);
    const info = await unlessGone(container.inspect());
    if (!info) throw new Error(`container ${name} does not exist; \`pulumi up --refresh\` makes it again`);
    const fault = await this.faultOf(name, info);
    if (fault !== undefined) {
      throw new Error(`container ${name} ${fault}; its last log lines:\n${await lastLogLines(container)}`);
    }
    const health = info.State.Health?.Status ?? "none";
    return {
      addresses: Object.values(info.NetworkSettings.Networks).map(({ IPAddress }) => IPAddress),
      healthy: health === "none" || health === "healthy",
    };
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

/** A container that was restarted no longer shows how it ended; the engine's events do. */
async function lastExitCode(docker: Docker, id: string): Promise<string> {
  const now = Math.ceil(Date.now() / 1000);
  const filters = JSON.stringify({ container: [id], event: ["die"] });
  const events = await text(await docker.getEvents({ since: now - 60, until: now, filters }));
  const codes = [...events.matchAll(/"exitCode":"(\d+)"/g)].map((match) => match[1]);
  return codes.at(-1) ?? "unknown";
}
