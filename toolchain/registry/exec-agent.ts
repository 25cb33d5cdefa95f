import { Agent } from "node:http";
import { Duplex, PassThrough } from "node:stream";
import type Docker from "dockerode";

/**
 * Speaks HTTP to a program in a container, through `nc` that the engine starts there: no port is published, and what is
 * said is on no command line. The image has to have `nc`.
 */
export class ExecAgent extends Agent {
  private readonly container: Docker.Container;
  private readonly port: number;

  constructor(container: Docker.Container, port: number) {
    super({ keepAlive: true, maxSockets: 1 });
    this.container = container;
    this.port = port;
  }

  // What a free connection is asked for is TCP's; this one goes through the engine and just stays.
  override keepSocketAlive(): boolean {
    return true;
  }

  override createConnection(_options: object, connected?: (error: Error | null, stream: Duplex) => void): undefined {
    this.open().then(
      (stream) => connected?.(null, stream),
      (error: unknown) => connected?.(error instanceof Error ? error : new Error(String(error)), new PassThrough()),
    );
  }

  private async open(): Promise<Duplex> {
    const attach = { AttachStdin: true, AttachStdout: true, AttachStderr: true };
    const started = await this.container.exec({ Cmd: ["nc", "127.0.0.1", String(this.port)], ...attach });
    const stream = await started.start({ hijack: true, stdin: true });
    const [answers, complaints] = [new PassThrough(), new PassThrough()];
    const { modem } = this.container as { modem: Docker["modem"] };
    modem.demuxStream(stream, answers, complaints);
    complaints.resume();
    stream.on("close", () => answers.end());
    // The agent calls `ref` on what it uses again.
    const connection = Object.assign(Duplex.from({ readable: answers, writable: stream }), { ref: () => undefined });
    connection.on("close", () => stream.destroy());
    return connection;
  }
}
