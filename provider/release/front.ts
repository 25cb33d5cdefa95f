import type { Durations } from "./inputs.ts";

/** What leads work to a service's containers: the proxy, or nothing at all for a worker. */
export interface Front {
  /** The containers that serve now, those on their way out not among them. */
  serving: () => Promise<string[]>;
  /**
   * Waits until every one of the containers is ready, lets exactly them serve, and returns when the others have nothing
   * left to finish.
   *
   * @returns how long each part took.
   * @throws {Error} when one does not become ready; those that served still do.
   */
  takeOver: (containers: readonly string[]) => Promise<Durations>;
}

/** Adds up how long the parts of a release took. */
export function total(all: readonly Durations[]): Durations {
  const sum = (part: keyof Durations) => Math.round(all.reduce((seconds, took) => seconds + took[part], 0) * 10) / 10;
  return { gate: sum("gate"), switch: sum("switch"), drain: sum("drain") };
}

/** Seconds since a moment, with one decimal. */
export function secondsSince(began: number): number {
  return Math.round((Date.now() - began) / 100) / 10;
}
