import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { PassThrough } from "node:stream";
import type { Duplex } from "node:stream";
import type Docker from "dockerode";
import type { ExecResult } from "../engine/exec.ts";

/** A script that runs, and where its end is told. */
interface Running {
  stdout: string;
  stderr: string;
  done: PromiseWithResolvers<ExecResult>;
}

// Longer than what is printed after a script's own output.
const TAIL = 64;

/**
 * A shell that stays open in a container and runs one script after another. To start a command in a container took an
 * engine 60 to 70 ms where it was measured, an open shell 2 ms.
 */
export class ShellSession {
  private readonly stream: Duplex;
  private readonly end: RegExp;
  private readonly marker: string;
  private running: Running | undefined;
  private isOpen = true;

  /** Opens a shell, as the container's own user. */
  static async open(container: Docker.Container): Promise<ShellSession> {
    const attach = { AttachStdin: true, AttachStdout: true, AttachStderr: true };
    const started = await container.exec({ Cmd: ["sh"], ...attach });
    const stream = await started.start({ hijack: true, stdin: true });
    const { modem } = container as { modem: Docker["modem"] };
    return new ShellSession(stream, modem);
  }

  private constructor(stream: Duplex, modem: Docker["modem"]) {
    this.stream = stream;
    this.marker = randomBytes(12).toString("hex");
    this.end = new RegExp(`${this.marker} (\\d+)$`);
    const [out, err] = [new PassThrough(), new PassThrough()];
    modem.demuxStream(stream, out, err);
    out.setEncoding("utf8").on("data", (text: string) => {
      this.take("stdout", text);
    });
    err.setEncoding("utf8").on("data", (text: string) => {
      this.take("stderr", text);
    });
    stream.on("error", (error) => {
      this.lose(error);
    });
    stream.on("close", () => {
      this.lose(new Error("the container was stopped, or the engine was lost, while a script ran in it"));
    });
  }

  /** False once its container has stopped, or {@link close} was called. */
  get open(): boolean {
    return this.isOpen;
  }

  /**
   * Runs a script with arguments (`$1`, …) in a shell of its own; for one caller at a time.
   *
   * @throws {Error} when the container stops meanwhile, or the engine is lost.
   */
  run(script: string, args: readonly string[]): Promise<ExecResult> {
    this.running = { stdout: "", stderr: "", done: Promise.withResolvers() };
    const { promise } = this.running.done;
    const command = ["sh", "-c", script, "sh", ...args].map(quote).join(" ");
    // Both outputs end with the mark, since the two come independently of each other.
    const mark = `printf '${this.marker} %d' $code`;
    this.stream.write(`${command} </dev/null; code=$?; ${mark}; ${mark} >&2\n`);
    return promise;
  }

  /** Whether an idle session keeps the process alive. */
  hold(isHeld: boolean): void {
    const socket = this.stream as Partial<Pick<Socket, "ref" | "unref">>;
    if (isHeld) socket.ref?.();
    else socket.unref?.();
  }

  /** Ends the shell. */
  close(): void {
    this.isOpen = false;
    this.stream.destroy();
  }

  private take(output: "stdout" | "stderr", text: string): void {
    if (!this.running) return;
    this.running[output] += text;
    const { stdout, stderr, done } = this.running;
    const code = this.end.exec(stdout.slice(-TAIL))?.[1];
    if (code === undefined || !this.end.test(stderr.slice(-TAIL))) return;
    this.running = undefined;
    done.resolve({ code: Number(code), stdout: stdout.replace(this.end, ""), stderr: stderr.replace(this.end, "") });
  }

  private lose(error: Error): void {
    this.isOpen = false;
    this.running?.done.reject(error);
    this.running = undefined;
  }
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
