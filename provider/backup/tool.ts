import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Readable } from "node:stream";
import type Docker from "dockerode";
import { inspectIfThere, unlessGone } from "../engine/engine.ts";
import { labels } from "../names.ts";
import { Demultiplexer } from "./demultiplexer.ts";

/** Time that a program gets to say why it has failed. */
const LAST_WORDS_MS = 3000;

/** How a run of the backup program has ended. */
export interface ToolResult {
  code: number;
  stdout: string;
  stderr: string;
}

/**
 * The backup program of one database, in containers that are made as that of its scheduled job is: with the same image,
 * volumes and passwords, and another command.
 */
export class BackupTool {
  private readonly docker: Docker;
  private readonly template: Docker.ContainerInspectInfo;
  private readonly overrides: ToolOverrides;

  constructor(docker: Docker, template: Docker.ContainerInspectInfo, overrides: ToolOverrides = {}) {
    this.docker = docker;
    this.template = template;
    this.overrides = overrides;
  }

  /** Finds the job's container by name; undefined when it is gone. */
  static async of(docker: Docker, container: string): Promise<BackupTool | undefined> {
    const template = await inspectIfThere(docker.getContainer(container));
    return template && new BackupTool(docker, template);
  }

  /** Runs the program to its end; a failure is a result like any other. */
  run(...args: readonly string[]): Promise<ToolResult> {
    return this.runUntil(undefined, ...args);
  }

  /** Runs the program to its end, or until the signal kills it. */
  async runUntil(signal: AbortSignal | undefined, ...args: readonly string[]): Promise<ToolResult> {
    let stdout = "";
    const read = async (output: Readable) => {
      stdout = await text(output);
    };
    const { code, stderr } = await this.read(args, read, signal);
    return { code, stdout, stderr };
  }

  /**
   * Runs the program and hands on what it prints as it comes. A reader that throws ends the program, and so does the
   * signal.
   *
   * @throws whatever the reader throws.
   */
  async read(
    args: readonly string[],
    reader: (output: Readable) => Promise<void>,
    signal?: AbortSignal,
  ): Promise<Pick<ToolResult, "code" | "stderr">> {
    const container = await this.create(args);
    const kill = () => void container.kill().catch(() => undefined);
    try {
      const attached = await container.attach({ stream: true, stdout: true, stderr: true });
      const output = new Demultiplexer({ highWaterMark: 1024 * 1024 });
      const passing = pipeline(attached, output);
      passing.catch(() => undefined);
      await container.start();
      if (signal?.aborted) kill();
      signal?.addEventListener("abort", kill, { once: true });
      try {
        await reader(output);
      } catch (error) {
        // A reader fails as well when its source has failed, and cannot say why.
        output.resume();
        const ended = container.wait() as Promise<{ StatusCode: number }>;
        const { StatusCode: code } = await Promise.race([ended, sleep(LAST_WORDS_MS, { StatusCode: 0 })]);
        if (code === 0) throw error;
        return { code, stderr: output.complaints.trim() };
      }
      output.resume();
      const { StatusCode } = (await container.wait()) as { StatusCode: number };
      return { code: StatusCode, stderr: output.complaints.trim() };
    } finally {
      signal?.removeEventListener("abort", kill);
      await unlessGone<unknown>(container.remove({ force: true, v: true }));
    }
  }

  private create(args: readonly string[]): Promise<Docker.Container> {
    const { Config, HostConfig } = this.template;
    const { network = HostConfig.NetworkMode, binds = HostConfig.Binds, env = Config.Env } = this.overrides;
    return this.docker.createContainer({
      Image: this.template.Image,
      Cmd: ["node", "/app/main.ts", ...args],
      Env: env,
      User: Config.User,
      Labels: {
        [labels.namespace]: Config.Labels[labels.namespace] ?? "",
        [labels.environment]: Config.Labels[labels.environment] ?? "",
        [labels.role]: "helper",
      },
      HostConfig: {
        ...HostConfig,
        Binds: binds,
        NetworkMode: network,
        RestartPolicy: { Name: "no" },
        // What is printed may be a whole database.
        LogConfig: { Type: "none", Config: {} },
      },
    });
  }
}

/** What is different from the job's own container. */
export interface ToolOverrides {
  network?: string;
  binds?: string[];
  env?: string[];
}
