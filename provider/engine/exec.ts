import { PassThrough } from "node:stream";
import type { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import { finished } from "node:stream/promises";
import type Docker from "dockerode";

/** What a command in a container printed, and its exit code. */
export interface ExecResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a command in a running container, as the container's own user. */
export async function exec(container: Docker.Container, command: readonly string[]): Promise<ExecResult> {
  const started = await container.exec({ Cmd: [...command], AttachStdout: true, AttachStderr: true });
  return follow(container, started, await started.start({}));
}

/** The same, with what the command reads from its standard input, which no listing of processes or events shows. */
export async function execWithInput(
  container: Docker.Container,
  command: readonly string[],
  input: string,
): Promise<ExecResult> {
  const attach = { AttachStdin: true, AttachStdout: true, AttachStderr: true };
  const started = await container.exec({ Cmd: [...command], ...attach });
  const stream = await started.start({ hijack: true, stdin: true });
  stream.end(input);
  return follow(container, started, stream);
}

async function follow(container: Docker.Container, started: Docker.Exec, stream: Duplex): Promise<ExecResult> {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const printed = Promise.all([text(out), text(err)]);
  const { modem } = container as { modem: Docker["modem"] };
  modem.demuxStream(stream, out, err);
  await finished(stream, { writable: false });
  out.end();
  err.end();
  const [stdout, stderr] = await printed;
  const { ExitCode } = await started.inspect();
  return { code: ExitCode ?? 0, stdout, stderr };
}
