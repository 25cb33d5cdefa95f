import { once } from "node:events";
import type { Duplex } from "node:stream";
import type { Engine, ListedContainer } from "./engine.ts";
import { parseServersState } from "./servers-state.ts";
import type { ProxyView } from "./servers-state.ts";

const PATIENCE_MS = 5000;
const SEPARATOR = "\x1e";
// One command for as long as the proxy lives: to start one in a container takes an engine a tenth of a second of
// processor time. It ends with its input, so nothing of it is left when the supervisor is.
const ANSWER_EACH_LINE = `while read -r line; do printf '%s\\n' "$line" | nc -w 5 127.0.0.1 9998; printf '\\036'; done`;
// To the master process, which hands it on to its current worker.
const QUESTION = "@1 show servers state\n";

/** Asks the proxy's runtime interface which containers get requests and pass their checks. */
export class ProxyWatch {
  private readonly engine: Engine;
  private session: { proxy: string; stream: Duplex } | undefined;

  constructor(engine: Engine) {
    this.engine = engine;
  }

  /** What the proxy has now; undefined when it does not answer, as while it is replaced. */
  async look(proxies: readonly ListedContainer[]): Promise<ProxyView | undefined> {
    const newest = proxies.filter(({ State }) => State === "running").sort((a, b) => b.Created - a.Created)[0];
    if (this.session && this.session.proxy !== newest?.Id) this.close();
    if (!newest) return undefined;
    try {
      this.session ??= {
        proxy: newest.Id,
        stream: await this.engine.attach(newest.Id, ["sh", "-c", ANSWER_EACH_LINE]),
      };
      return parseServersState(await ask(this.session.stream, QUESTION));
    } catch {
      // The next look connects anew.
      this.close();
      return undefined;
    }
  }

  /** Ends the command in the proxy's container. */
  close(): void {
    this.session?.stream.destroy();
    this.session = undefined;
  }
}

/** @throws {Error} when there is no whole answer in time, or the stream ends. */
async function ask(stream: Duplex, question: string): Promise<string> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  stream.write(question);
  let received = Buffer.alloc(0);
  for (;;) {
    const chunk = stream.read() as Buffer | null;
    if (chunk === null) {
      if (stream.readableEnded) throw new Error("the command in the proxy's container has ended");
      await once(stream, "readable", { signal });
      continue;
    }
    received = Buffer.concat([received, chunk]);
    const answer = payloadOf(received);
    if (answer.includes(SEPARATOR)) return answer.slice(0, answer.indexOf(SEPARATOR));
  }
}

/** Without the engine's frames: one byte for the stream, three empty ones, four for the length of what follows. */
function payloadOf(framed: Buffer): string {
  const parts: Buffer[] = [];
  for (let at = 0; at + 8 <= framed.length;) {
    const end = at + 8 + framed.readUInt32BE(at + 4);
    parts.push(framed.subarray(at + 8, end));
    at = end;
  }
  return Buffer.concat(parts).toString();
}
