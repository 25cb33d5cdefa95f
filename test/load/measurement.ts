import { goalOf } from "../../bench/figures.ts";
import type { Measurement, Series } from "../../bench/figures.ts";
import type { Stages } from "../support/stages.ts";
import type { Kind, TrafficSummary } from "./k6.ts";

/** One release under load. */
export interface Release {
  /** Its number, from 0; it stands in every answer. */
  release: number;
  /** Wall time of `pulumi up`. */
  seconds: number;
  stages: Stages;
}

/** What should not have happened to a load; nothing of it when all went well. */
export interface Losses {
  /** Requests without the right answer, by kind; kinds without any are left out. */
  failed: Partial<Record<Kind, number>>;
  dropped: number;
  backwards: number;
  complaints: string[];
}

/** Tells what went wrong. */
export function lossesOf({ kinds, dropped, backwards, complaints }: TrafficSummary): Losses {
  const failed = Object.entries(kinds).flatMap(([kind, { failed }]) => (failed > 0 ? [[kind, failed] as const] : []));
  return { failed: Object.fromEntries(failed), dropped, backwards, complaints };
}

/** All requests that ended, well or not. */
export function requestsOf(traffic: readonly TrafficSummary[]): number {
  return sum(traffic.flatMap(({ kinds }) => Object.values(kinds).map(({ answered, failed }) => answered + failed)));
}

/** Requests without the right answer, with those that k6 could not even send as all its clients waited. */
export function lostOf(traffic: readonly TrafficSummary[]): number {
  return sum(traffic.map((one) => sum(Object.values(lossesOf(one).failed)) + one.dropped));
}

/** What is kept of a run in `bench/results/load.json`. */
export function measurementOf(
  releases: readonly Release[],
  traffic: readonly TrafficSummary[],
  control: { restarts: number; traffic: readonly TrafficSummary[] },
): Measurement {
  const stage = (name: keyof Stages): Series[] => {
    const values = releases.flatMap(({ stages }) => stages[name] ?? []);
    return values.length === 0 ? [] : [{ name: `${name} of a release`, unit: "s", values }];
  };
  const kinds = traffic.flatMap((one, index) =>
    Object.entries(one.kinds).flatMap(([kind, { median, p99 }]): Series[] => {
      const name = `${kind}, ${index === 0 ? "HTTP/1.1" : "HTTP/2"}`;
      return [
        { name: `${name}: median`, unit: "ms", values: [median] },
        { name: `${name}: p99`, unit: "ms", values: [p99] },
      ];
    }),
  );
  const answers = traffic[0]?.releases.map(({ answers }) => answers) ?? [];
  return {
    what: "load",
    title: `${releases.length} releases in a row under load`,
    series: [
      { name: "pulumi up", unit: "s", values: releases.map(({ seconds }) => seconds) },
      ...stage("gate"),
      ...stage("switch"),
      ...stage("drain"),
      { name: "answers of a release", unit: "", values: answers },
      ...kinds,
    ],
    remarks: [
      `${requestsOf(traffic)} requests: ${kindsOf(traffic)}`,
      `control: ${lostOf(control.traffic)} of ${requestsOf(control.traffic)} requests lost when the containers were stopped and started ${control.restarts} times`,
    ],
    goal: goalOf("requests lost", lostOf(traffic), 0),
  };
}

function kindsOf(traffic: readonly TrafficSummary[]): string {
  const names = [...new Set(traffic.flatMap(({ kinds }) => Object.keys(kinds)))] as Kind[];
  return names.map((kind) => `${kind} ${sum(traffic.map(({ kinds }) => kinds[kind]?.answered ?? 0))}`).join(", ");
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
