import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import type Docker from "dockerode";
import { statusOf } from "./engine/engine.ts";

/** The last lines that a container printed, indented, for an error message. */
export async function lastLogLines(container: Docker.Container, lines = 15): Promise<string> {
  try {
    const [log, { Config }] = await Promise.all([
      container.logs({ stdout: true, stderr: true, tail: lines }),
      container.inspect(),
    ]);
    const printed = Config.Tty ? log.toString() : await demultiplex(container, log);
    const indented = printed.trimEnd().replaceAll(/^/gm, "  ");
    return indented.trim() === "" ? "  (it printed nothing)" : indented;
  } catch (error) {
    if (statusOf(error) !== undefined) return "  (its log cannot be read)";
    throw error;
  }
}

async function demultiplex(container: Docker.Container, log: Buffer): Promise<string> {
  const [source, out] = [new PassThrough(), new PassThrough()];
  const printed = text(out);
  const { modem } = container as { modem: Docker["modem"] };
  modem.demuxStream(source, out, out);
  source.end(log, () => out.end());
  return printed;
}
