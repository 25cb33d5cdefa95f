import { PassThrough } from "node:stream";
import { createInterface } from "node:readline";
import { finished } from "node:stream/promises";
import type Docker from "dockerode";

const TAIL_LINES = 15;

/** What a program prints, while it runs. */
export interface Output {
  /** Resolves when the program has closed its output and every line was told. */
  ended: Promise<void>;
  /** The last lines so far, indented, for an error message. */
  tail: () => string;
}

/** Follows what a container prints, which has not been started yet, line by line. */
export async function followOutput(container: Docker.Container, tell: (line: string) => void): Promise<Output> {
  const source = await container.attach({ stream: true, stdout: true, stderr: true });
  const last: string[] = [];
  const take = (line: string) => {
    tell(line);
    last.push(line);
    if (last.length > TAIL_LINES) last.shift();
  };
  const streams = [new PassThrough(), new PassThrough()] as const;
  const { modem } = container as { modem: Docker["modem"] };
  modem.demuxStream(source, ...streams);
  const told = Promise.all(streams.map((stream) => linesOf(stream, take)));
  const ended = finished(source, { writable: false })
    // An engine that goes away says so to whoever waits for the container.
    .catch(() => undefined)
    .then(async () => {
      for (const stream of streams) stream.end();
      await told;
    });
  return { ended, tail: () => (last.length === 0 ? "  (it printed nothing)" : last.map((it) => `  ${it}`).join("\n")) };
}

async function linesOf(stream: PassThrough, take: (line: string) => void): Promise<void> {
  for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) take(line);
}
