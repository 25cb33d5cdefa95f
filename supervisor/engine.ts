import { Agent, request } from "node:http";
import type { IncomingMessage, RequestOptions } from "node:http";
import type { Duplex } from "node:stream";
import { text } from "node:stream/consumers";

const PATIENCE_MS = 10_000;

/** A container in the engine's list. */
export interface ListedContainer {
  Id: string;
  /** Each begins with a slash. */
  Names: string[];
  Labels: Record<string, string>;
  /** `created`, `running`, `paused`, `restarting`, `removing`, `exited` or `dead`. */
  State: string;
  /** For people; ends in `(healthy)`, `(unhealthy)` or `(health: starting)` where there is a health check. */
  Status: string;
  /** Seconds since 1970. */
  Created: number;
}

/** What the engine tells of one container. */
export interface InspectedContainer {
  Created: string;
  State: {
    Running: boolean;
    ExitCode: number;
    OOMKilled: boolean;
    /** ISO 8601; year 1 before the first start. */
    StartedAt: string;
    FinishedAt: string;
  };
  HostConfig: { PidsLimit?: number | null };
}

/** The engine answered that a request cannot be met. */
export class EngineError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "EngineError";
    this.status = status;
  }
}

/**
 * The few calls of the Docker API that the supervisor needs, over the engine's socket. Written here since a client
 * library brings sixty packages into the one container whose socket makes each of them root on the machine.
 */
export class Engine {
  private readonly socketPath: string;
  private readonly agent = new Agent({ keepAlive: true });

  constructor(socketPath: string) {
    this.socketPath = socketPath;
  }

  /** The containers with a label `name=value`, running or not. */
  async list(label: string): Promise<ListedContainer[]> {
    const filters = encodeURIComponent(JSON.stringify({ label: [label] }));
    return (await this.call("GET", `/containers/json?all=true&filters=${filters}`)) as ListedContainer[];
  }

  /** @throws {EngineError} 404 when the container is gone. */
  async inspect(id: string): Promise<InspectedContainer> {
    return (await this.call("GET", `/containers/${id}/json`)) as InspectedContainer;
  }

  async start(id: string): Promise<void> {
    await this.call("POST", `/containers/${id}/start`);
  }

  /** Sends SIGTERM, after the grace SIGKILL, and returns when the container has stopped. */
  async stop(id: string, graceSeconds: number): Promise<void> {
    await this.call("POST", `/containers/${id}/stop?t=${graceSeconds}`, undefined, graceSeconds);
  }

  /** As {@link stop}, then starts it again. */
  async restart(id: string, graceSeconds: number): Promise<void> {
    await this.call("POST", `/containers/${id}/restart?t=${graceSeconds}`, undefined, graceSeconds);
  }

  /** Runs a command in a container and connects to its standard streams; closing the stream closes its input. */
  async attach(id: string, command: readonly string[]): Promise<Duplex> {
    const created = await this.call("POST", `/containers/${id}/exec`, {
      Cmd: command,
      AttachStdin: true,
      AttachStdout: true,
    });
    return this.upgrade(`/exec/${(created as { Id: string }).Id}/start`, { Detach: false, Tty: false });
  }

  private async call(method: string, path: string, body?: unknown, extraSeconds = 0): Promise<unknown> {
    const signal = AbortSignal.timeout(PATIENCE_MS + extraSeconds * 1000);
    const response = await this.send({ method, path, signal }, body);
    const answer = await text(response);
    const status = response.statusCode ?? 0;
    // 304: it is so already.
    if (status >= 400) throw new EngineError(status, messageOf(answer));
    return answer === "" ? undefined : JSON.parse(answer);
  }

  private send(options: RequestOptions, body: unknown): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const sent = request({ ...this.options(body), agent: this.agent, ...options }, resolve);
      sent.on("error", reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  private upgrade(path: string, body: unknown): Promise<Duplex> {
    const upgrade = { Connection: "Upgrade", Upgrade: "tcp" };
    return new Promise((resolve, reject) => {
      const sent = request({ ...this.options(body, upgrade), method: "POST", path });
      sent.on("upgrade", (_response, socket, head) => {
        if (head.length > 0) socket.unshift(head);
        resolve(socket);
      });
      sent.on("response", (response) => {
        response.resume();
        reject(new EngineError(response.statusCode ?? 0, "the engine does not connect to a command"));
      });
      sent.on("error", reject);
      sent.end(JSON.stringify(body));
    });
  }

  private options(body: unknown, more: Record<string, string> = {}): RequestOptions {
    const type = body === undefined ? {} : { "Content-Type": "application/json" };
    return { socketPath: this.socketPath, headers: { Host: "docker", ...type, ...more } };
  }
}

/** True when the engine says that a container is not there. */
export function isGone(error: unknown): boolean {
  return error instanceof EngineError && error.status === 404;
}

function messageOf(answer: string): string {
  try {
    return (JSON.parse(answer) as { message: string }).message;
  } catch {
    return answer;
  }
}
