import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { execa } from "execa";
import { z } from "zod";

/** What traffic.ts can ask, each beside the others. */
export type Kind = "get" | "post" | "closing" | "slow" | "events" | "websocket" | "row";

/** A load on one address. */
export interface TrafficOptions {
  /** The k6 to run. */
  k6: string;
  /** Where it goes, such as `https://app.load.localhost:8443`; the name is looked for on this machine. */
  url: string;
  /** PEM of the only authority that is trusted. */
  authority: string;
  /** Requests a second of each kind. They arrive at this rate however slow the answers are. */
  rates: Partial<Record<Kind, number>>;
  /**
   * GETs and POSTs that arrive together, each on a connection of its own. A client of k6 takes a megabyte, a connection
   * hardly anything. @default 1
   */
  burst?: number;
  /**
   * How many clients of each kind take turns, each on a connection of its own. The fewer they are, the more requests a
   * connection carries, and the shorter an answer may stall. @default - as many as a stall of 6 s needs
   */
  clients?: number;
  /** Time after which nothing more arrives and it ends once all is answered, in seconds. @default - `end` ends it */
  seconds?: number;
  /** @default "http/1.1" */
  protocol?: "http/1.1" | "h2";
}

/** What came of the requests of one kind. */
export interface Outcome {
  answered: number;
  /** Answers other than the right one, and none at all. */
  failed: number;
  /** Milliseconds until the answer was whole. */
  median: number;
  p99: number;
  max: number;
}

/** What k6 has counted. */
export interface TrafficSummary {
  seconds: number;
  kinds: Partial<Record<Kind, Outcome>>;
  /** Arrivals for which no client was free, since too many waited. */
  dropped: number;
  /** Answers of each release, in order of the releases. */
  releases: { release: number; answers: number }[];
  /** Answers of a release older than one that the same client had had before. */
  backwards: number;
  /** What was wrong, at most one line of each client. */
  complaints: string[];
}

/** A load that runs until it is ended. */
export interface Traffic {
  /** Ends it, or waits for its end. What is open when it is ended counts neither as answered nor as failed. */
  end: () => Promise<TrafficSummary>;
}

/** Starts a load and returns when the first requests are under way. @throws {Error} when k6 does not run. */
export async function startTraffic(options: TrafficOptions): Promise<Traffic> {
  const directory = await mkdtemp(join(tmpdir(), "slipway-k6-"));
  const summaryFile = join(directory, "summary.json");
  const authorityFile = join(directory, "authority.pem");
  await writeFile(authorityFile, options.authority);
  const script = join(import.meta.dirname, "traffic.ts");
  const variables = {
    URL: options.url,
    RATES: JSON.stringify(options.rates),
    BURST: String(options.burst ?? 1),
    ...(options.clients === undefined ? {} : { CLIENTS: String(options.clients) }),
    ...(options.seconds === undefined ? {} : { DURATION: `${options.seconds}s` }),
    SUMMARY: summaryFile,
  };
  const k6 = execa(
    options.k6,
    [
      ...["run", "--quiet", "--no-usage-report", "--log-format", "raw", "--address", ""],
      ...Object.entries(variables).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
      script,
    ],
    {
      env: {
        SSL_CERT_FILE: authorityFile,
        SSL_CERT_DIR: directory,
        ...(options.protocol === "h2" ? {} : { GODEBUG: "http2client=0" }),
      },
      reject: false,
      all: true,
      buffer: false,
    },
  );
  const lines: string[] = [];
  const log = createInterface({ input: k6.all });
  await new Promise<void>((resolve, reject) => {
    log.on("line", (line) => {
      if (line === "begins") resolve();
      else lines.push(line);
    });
    log.once("close", () => {
      reject(new Error(`k6 ended before it began:\n${lines.join("\n")}`));
    });
  });
  return {
    async end() {
      if (options.seconds !== undefined) await k6;
      const complaints = [...lines];
      // k6 then writes its summary; a request that it cuts off itself is not counted.
      k6.kill("SIGINT");
      await k6;
      const summary = await readFile(summaryFile, "utf8").catch(() => {
        throw new Error(`k6 left no summary:\n${lines.join("\n")}`);
      });
      await rm(directory, { recursive: true });
      return readSummary(summary, Object.keys(options.rates) as Kind[], complaints);
    },
  };
}

const summarySchema = z.object({
  metrics: z.record(z.string(), z.object({ values: z.record(z.string(), z.number()) })),
  state: z.object({ testRunDurationMs: z.number() }),
});

/** Reads what the script's `handleSummary` wrote. */
export function readSummary(json: string, kinds: readonly Kind[], complaints: string[]): TrafficSummary {
  const { metrics, state } = summarySchema.parse(JSON.parse(json));
  const value = (metric: string, name = "count") => metrics[metric]?.values[name] ?? 0;
  const outcome = (kind: Kind): Outcome => ({
    answered: value(`answered_${kind}`),
    failed: value(`failed_${kind}`),
    median: value(`milliseconds_${kind}`, "med"),
    p99: value(`milliseconds_${kind}`, "p(99)"),
    max: value(`milliseconds_${kind}`, "max"),
  });
  const releases = Object.keys(metrics).flatMap((name) => /^release_(\d+)$/.exec(name)?.[1] ?? []);
  return {
    seconds: state.testRunDurationMs / 1000,
    kinds: Object.fromEntries(kinds.map((kind) => [kind, outcome(kind)])),
    dropped: value("dropped_iterations"),
    releases: releases
      .map((release) => ({ release: Number(release), answers: value(`release_${release}`) }))
      .filter(({ answers }) => answers > 0)
      .sort((a, b) => a.release - b.release),
    backwards: value("backwards"),
    complaints,
  };
}
