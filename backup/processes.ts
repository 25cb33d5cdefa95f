import { spawn } from "node:child_process";
import { Readable } from "node:stream";
import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { text } from "node:stream/consumers";

/** A program that runs, with its standard streams. */
export interface Running {
  input: Writable;
  output: Readable;
  /** Settles when it has ended. @throws {Error} with what it has complained of, when it failed. */
  ended: Promise<void>;
  /** Ends it at once. */
  kill: () => void;
  /** Asks it to end. */
  stop: () => void;
}

/** Starts a program, its environment added to this one's. */
export function start(program: string, args: readonly string[], env: Record<string, string> = {}): Running {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ["pipe", "pipe", "pipe"] });
  const complaints = text(child.stderr);
  // Whoever reads from it or waits for it is told; an input that nobody takes any more is part of that.
  child.stdin.on("error", () => undefined);
  const ended = new Promise<void>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0) resolve();
      else
        complaints.then((told) => {
          reject(new Error(`${program} ended with ${code ?? signal}: ${told.trim()}`));
        }, reject);
    });
  });
  ended.catch(() => undefined);
  return {
    input: child.stdin,
    output: child.stdout,
    ended,
    kill: () => child.kill("SIGKILL"),
    stop: () => child.kill("SIGINT"),
  };
}

/** Runs a program to its end and returns what it prints. @throws {Error} when it fails. */
export async function run(program: string, args: readonly string[], env?: Record<string, string>): Promise<string> {
  const { input, output, ended } = start(program, args, env);
  input.end();
  const [printed] = await Promise.all([text(output), ended]);
  return printed.trim();
}

/** What a program prints, as a stream that fails when the program does: a dump that was cut off is none. */
export function wholeOutput({ output, ended, kill }: Running): Readable {
  async function* whole() {
    try {
      yield* output as AsyncIterable<Buffer>;
      await ended;
    } finally {
      kill();
    }
  }
  return Readable.from(whole(), { objectMode: false });
}

/** Sends a program its input and waits for its end. @throws {Error} with why it ended, which says more than a broken pipe. */
export async function feed({ input, output, ended }: Running, content: Readable): Promise<void> {
  output.resume();
  const fed = pipeline(content, input);
  const results = await Promise.allSettled([ended, fed]);
  for (const result of results) if (result.status === "rejected") throw result.reason;
}
