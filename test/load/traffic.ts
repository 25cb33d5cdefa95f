// What k6 runs (`k6 run traffic.ts`): each kind of request arrives at its own rate, whether the earlier ones are answered
// or not. The environment variables URL, RATES, BURST, CLIENTS, DURATION and SUMMARY are those of startTraffic in k6.ts.
import exec from "k6/execution";
import http from "k6/http";
import type { ObjectBatchRequest, RefinedResponse, ResponseType } from "k6/http";
import { Counter, Trend } from "k6/metrics";
import { WebSocket } from "k6/websockets";

type Kind = "get" | "post" | "closing" | "slow" | "events" | "websocket" | "row";

const URL = __ENV.URL ?? "";
const RATES = JSON.parse(__ENV.RATES ?? "{}") as Partial<Record<Kind, number>>;
const KINDS = Object.keys(RATES) as Kind[];
const BURST = Number(__ENV.BURST ?? "1");

/**
 * How much longer than usual an answer may take before arrivals find nobody free to ask; beyond it k6 drops them, which
 * counts as failure. It is also how long a client stands idle.
 */
const STALL_SECONDS = 6;
const SECONDS_OPEN: Partial<Record<Kind, number>> = { slow: 5, events: 5, websocket: 5 };
const MESSAGES = 10;
const MESSAGE_MILLISECONDS = 500;
const MOST_RELEASES = 100;
const BODY = "x".repeat(1024);
const PARAMS = { timeout: "20s" };

const answered = forEachKind((kind) => new Counter(`answered_${kind}`));
const failed = forEachKind((kind) => new Counter(`failed_${kind}`));
const milliseconds = forEachKind((kind) => new Trend(`milliseconds_${kind}`));
const releases = Array.from({ length: MOST_RELEASES }, (_, release) => new Counter(`release_${release}`));
const backwards = new Counter("backwards");

/** The newest release that this VU, which asks one thing after another, has had an answer from. */
let newest = 0;
let complained = false;

export const options = {
  scenarios: Object.fromEntries(KINDS.map((kind) => [kind, scenario(kind)])),
  summaryTrendStats: ["med", "p(99)", "max"],
  // The system's resolver need not know them.
  hosts: { "*.localhost": "127.0.0.1" },
  batch: BURST,
  batchPerHost: BURST,
};

/** The first line of the log, by which the load is known to begin. */
export function setup(): void {
  console.log("begins");
}

export function get(): void {
  ask("get", { method: "GET", url: URL, params: PARAMS }, "hello");
}

/** No client repeats it on its own when a connection is cut, so that nothing is hidden. */
export function post(): void {
  ask("post", { method: "POST", url: `${URL}/echo`, body: BODY, params: PARAMS }, BODY);
}

export function closing(): void {
  ask("closing", { method: "GET", url: URL, params: { ...PARAMS, headers: { Connection: "close" } } }, "hello");
}

export function slow(): void {
  ask("slow", { method: "GET", url: `${URL}/slow`, params: PARAMS }, "slow");
}

export function events(): void {
  const sent = Array.from({ length: MESSAGES }, (_, index) => `data: ${index + 1}\n\n`).join("");
  ask("events", { method: "GET", url: `${URL}/events`, params: PARAMS }, `${sent}event: end\ndata: \n\n`);
}

export function websocket(): void {
  const [began, before] = [Date.now(), newest];
  const socket = new WebSocket(`${URL.replace(/^http/, "ws")}/socket`);
  let release: number | undefined;
  let echoes = 0;
  let settled = false;
  const settle = (fault?: string) => {
    if (settled) return;
    settled = true;
    if (fault === undefined && release !== undefined) succeed("websocket", release, before, Date.now() - began);
    else fail("websocket", fault ?? "no release told");
  };
  const sendNext = () => {
    socket.send(String(echoes));
  };
  socket.onmessage = (message) => {
    if (release === undefined) release = Number(message?.data);
    else if (message?.data === String(echoes)) echoes++;
    else settle(`not the echo of ${echoes}`);
    if (echoes === MESSAGES) socket.close(1000);
    else setTimeout(sendNext, MESSAGE_MILLISECONDS);
  };
  socket.onerror = (event) => {
    settle(event?.error);
  };
  socket.onclose = () => {
    settle(echoes === MESSAGES ? undefined : `closed after ${echoes} echoes`);
  };
}

/** Adds somebody, whose name nobody else has, by the form of the example `people`. */
export function row(): void {
  const form = { name: `client ${exec.scenario.iterationInTest}` };
  const answer = http.post(URL, form, { ...PARAMS, headers: { Origin: URL }, redirects: 0 });
  if (answer.status === 303) count("row", waitOf(answer));
  else fail("row", answer.error === "" ? String(answer.status) : answer.error);
}

export function handleSummary(summary: unknown): Record<string, string> {
  return { [__ENV.SUMMARY ?? "summary.json"]: JSON.stringify(summary) };
}

function scenario(kind: Kind) {
  const rate = Math.ceil((RATES[kind] ?? 0) / burst(kind));
  const vus = Number(__ENV.CLIENTS ?? Math.ceil(rate * ((SECONDS_OPEN[kind] ?? 0) + STALL_SECONDS)));
  return {
    executor: "constant-arrival-rate",
    exec: kind,
    rate,
    timeUnit: "1s",
    // For want of a time whoever started it ends it.
    duration: __ENV.DURATION ?? "1h",
    preAllocatedVUs: vus,
    maxVUs: vus,
  };
}

function ask(kind: Kind, request: ObjectBatchRequest, expected: string): void {
  const before = newest;
  const requests = Array.from({ length: burst(kind) }, () => request);
  for (const answer of http.batch(requests)) {
    const { status, body, headers, error } = answer;
    if (status === 200 && body === expected) succeed(kind, Number(headers["X-Release"]), before, waitOf(answer));
    else fail(kind, error === "" ? `${status} ${typeof body === "string" ? body : ""}`.slice(0, 80) : error);
  }
}

/** How often an arrival asks at once. */
function burst(kind: Kind): number {
  return kind === "get" || kind === "post" ? BURST : 1;
}

/** All that a client waits for, a new connection included. */
function waitOf({ timings }: RefinedResponse<ResponseType | undefined>): number {
  return timings.blocked + timings.connecting + timings.tls_handshaking + timings.duration;
}

/** `before` is the newest release that had answered before this was asked. */
function succeed(kind: Kind, release: number, before: number, duration: number): void {
  count(kind, duration);
  releases[release]?.add(1);
  if (release < before) backwards.add(1);
  newest = Math.max(newest, release);
}

function count(kind: Kind, duration: number): void {
  answered[kind].add(1);
  milliseconds[kind].add(duration);
}

function fail(kind: Kind, fault: string): void {
  failed[kind].add(1);
  if (!complained) console.log(`${kind}: ${fault}`);
  complained = true;
}

function forEachKind<T>(make: (kind: Kind) => T): Record<Kind, T> {
  return {
    get: make("get"),
    post: make("post"),
    closing: make("closing"),
    slow: make("slow"),
    events: make("events"),
    websocket: make("websocket"),
    row: make("row"),
  };
}
