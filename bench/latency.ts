import { setTimeout as pause } from "node:timers/promises";
import { createLoadEnvironment } from "../test/load/environment.ts";
import { startTraffic } from "../test/load/k6.ts";
import type { Kind } from "../test/load/k6.ts";
import type { Workspace } from "../test/support/workspace.ts";
import { addressesOf } from "../test/support/containers.ts";
import { summarize } from "./figures.ts";
import type { Measurement } from "./figures.ts";
import { findK6 } from "./tools.ts";

const REQUESTS_PER_SECOND = 200;
const SECONDS = 15;
/** So few that a connection is opened for less than one request of a hundred. */
const CLIENTS = 20;

/** A way to the application: how it is called, and what asks it. */
interface Way {
  name: string;
  url: string;
  kind: Kind;
  protocol: "http/1.1" | "h2";
}

/** Compares the time until an answer is whole through the proxy with that of the container itself, in turn. */
export async function measureLatency(workspace: Workspace, rounds: number): Promise<Measurement> {
  const k6 = await findK6();
  const { url, authority } = await createLoadEnvironment(workspace, 1);
  const [address] = await addressesOf(workspace, "app");
  const direct = `http://${address ?? "none"}:8080`;
  const ways: Way[] = [
    { name: "container, HTTP", url: direct, kind: "get", protocol: "http/1.1" },
    { name: "proxy, HTTPS", url, kind: "get", protocol: "http/1.1" },
    { name: "proxy, HTTPS and HTTP/2", url, kind: "get", protocol: "h2" },
    { name: "container, HTTP, a connection each", url: direct, kind: "closing", protocol: "http/1.1" },
    { name: "proxy, HTTPS, a connection each", url, kind: "closing", protocol: "http/1.1" },
  ];
  const found = ways.map((way) => ({ ...way, medians: [] as number[], p99s: [] as number[] }));
  let neverAsked = 0;
  for (let round = 0; round < rounds; round++) {
    for (const { url, kind, protocol, medians, p99s } of found) {
      const rates = { [kind]: REQUESTS_PER_SECOND };
      const traffic = await startTraffic({ k6, url, authority, rates, clients: CLIENTS, protocol });
      await pause(SECONDS * 1000);
      const { kinds, dropped } = await traffic.end();
      neverAsked += dropped;
      medians.push(kinds[kind]?.median ?? NaN);
      p99s.push(kinds[kind]?.p99 ?? NaN);
    }
  }
  const [container, proxy] = found;
  const added = (values: "medians" | "p99s") =>
    (summarize(proxy?.[values] ?? []).median - summarize(container?.[values] ?? []).median).toFixed(2);
  return {
    what: "latency",
    title: `what the proxy adds, at ${REQUESTS_PER_SECOND} requests a second of ${CLIENTS} clients`,
    series: found.flatMap(({ name, medians, p99s }) => [
      { name: `${name}: median`, unit: "ms", values: medians },
      { name: `${name}: p99`, unit: "ms", values: p99s },
    ]),
    remarks: [
      `the proxy adds ${added("medians")} ms at the median and ${added("p99s")} ms at p99, on connections that stay open`,
      `${neverAsked} requests were never asked, as all clients waited for answers`,
    ],
  };
}
