import { setTimeout as sleep } from "node:timers/promises";
import type { Answer } from "./request.ts";

const EVERY_MS = 100;
const PATIENCE_MS = 5000;

/** How a visitor fared. */
export interface Visit {
  requests: number;
  /** Requests without an answer of status 200 within five seconds. */
  lost: number;
  /** Seconds from `since` to the first good answer to a request that was sent after the last one that was lost. */
  seconds: number;
}

/**
 * Asks ten times a second, whether earlier questions are answered or not, until it is told to stop.
 *
 * @param ask sends one question, and gives it up when the signal says so.
 */
export function startVisitor(ask: (signal: AbortSignal) => Promise<Answer>): (since: number) => Promise<Visit> {
  const visits: Promise<{ sent: number; answered: number; good: boolean }>[] = [];
  const stop = new AbortController();
  const visit = async () => {
    const sent = Date.now();
    const good = await ask(AbortSignal.timeout(PATIENCE_MS)).then(
      ({ status }) => status === 200,
      () => false,
    );
    return { sent, answered: Date.now(), good };
  };
  const sending = (async () => {
    while (!stop.signal.aborted) {
      visits.push(visit());
      await sleep(EVERY_MS, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  })();
  return async (since) => {
    stop.abort();
    await sending;
    const all = await Promise.all(visits);
    const lost = all.filter(({ good }) => !good);
    const lastLost = Math.max(0, ...lost.map(({ sent }) => sent));
    const recovered = all.find(({ sent, good }) => good && sent > Math.max(lastLost, since))?.answered ?? since;
    return { requests: all.length, lost: lost.length, seconds: Math.round((recovered - since) / 100) / 10 };
  };
}
