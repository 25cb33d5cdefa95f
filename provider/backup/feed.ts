import { once } from "node:events";
import { Writable } from "node:stream";
import type { Duplex, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type Docker from "dockerode";
import { Demultiplexer } from "./demultiplexer.ts";

/**
 * Runs a command in a running container and sends it its input as it comes.
 *
 * @throws {Error} with what the command has complained of, when it fails.
 */
export async function feed(container: Docker.Container, command: readonly string[], input: Readable): Promise<void> {
  const attach = { AttachStdin: true, AttachStdout: true, AttachStderr: true };
  const started = await container.exec({ Cmd: [...command], ...attach });
  const stream = await started.start({ hijack: true, stdin: true });
  const output = new Demultiplexer();
  const ended = pipeline(
    stream,
    output,
    new Writable({
      write: (_chunk, _encoding, done) => {
        done();
      },
    }),
  );
  const sent = send(input, stream);
  sent.catch(() => undefined);
  // Whatever comes after its end is nobody's.
  stream.on("error", () => undefined);
  // A source that fails must not look like one that has ended.
  await Promise.race([ended, sent.catch(() => stream.destroy()).then(() => ended)]).catch(() => undefined);
  const { ExitCode } = await started.inspect();
  if (ExitCode !== 0) {
    input.destroy();
    throw new Error(`${command[0] ?? ""} ended with ${String(ExitCode)}: ${output.complaints.trim()}`);
  }
  // A program may have all that it needs before its input has ended.
  await sent;
}

async function send(input: Readable, stream: Duplex): Promise<void> {
  const closed = once(stream, "close");
  for await (const chunk of input as AsyncIterable<Buffer>) {
    if (!stream.write(chunk)) await Promise.race([once(stream, "drain"), closed]);
    if (stream.destroyed) return;
  }
  stream.end();
}
