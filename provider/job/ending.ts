import type Docker from "dockerode";
import { statusOf, unlessGone } from "../engine/engine.ts";

/** Time between SIGTERM and SIGKILL for a run that is stopped. */
const STOP_SECONDS = 10;

/** How a run ended: by itself, or not yet. */
export type Ending = { exitCode: number } | "timed out" | "interrupted";

/** Waits until a container has ended, for a time in seconds; one that is gone by then counts as interrupted. */
export async function endOf(
  container: Docker.Container,
  timeoutSeconds: number,
  interruption: AbortSignal,
): Promise<Ending> {
  const timeout = AbortSignal.timeout(timeoutSeconds * 1000);
  try {
    const ended = container.wait({ abortSignal: AbortSignal.any([timeout, interruption]) });
    const found = (await unlessGone(ended)) as { StatusCode: number } | undefined;
    return found ? { exitCode: found.StatusCode } : "interrupted";
  } catch (error) {
    if (interruption.aborted) return "interrupted";
    if (timeout.aborted) return "timed out";
    throw error;
  }
}

/** Stops a container; what has stopped or gone already is fine. */
export async function stop(container: Docker.Container): Promise<void> {
  try {
    await container.stop({ t: STOP_SECONDS });
  } catch (error) {
    // 304: it does not run.
    if (![304, 404].includes(statusOf(error) ?? 0)) throw error;
  }
}
