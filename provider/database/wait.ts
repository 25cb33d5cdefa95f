import { setTimeout as sleep } from "node:timers/promises";
import type { ResourceContext } from "../plugin/resource.ts";
import type { Node } from "./node.ts";

const POLL_MS = 200;
/** Starts in a row that end before the server answers, after which waiting is of no use. */
const MOST_STARTS = 3;

/** What is waited for. */
export interface Wait {
  node: Pick<Node, "name" | "inspect" | "log">;
  /** Place of the database in the stack file, for the error. */
  place: string;
  /** What the node is to do, such as `answer`. */
  goal: string;
  seconds: number;
}

/**
 * Waits until a node is as it has to be, and tells so meanwhile.
 *
 * @throws {Error} with its last log lines when it takes too long, or when its container ends again and again.
 */
export async function until(
  { node, place, goal, seconds }: Wait,
  isDone: () => Promise<boolean>,
  context: Pick<ResourceContext, "progress" | "signal">,
): Promise<void> {
  const began = Date.now();
  const startsBefore = (await node.inspect())?.RestartCount ?? 0;
  for (;;) {
    if (await isDone()) return;
    const elapsed = Math.round((Date.now() - began) / 1000);
    const info = await node.inspect();
    if (!info) throw new Error(`${place}: the container of ${node.name} is gone; pulumi up --refresh makes it anew`);
    const starts = info.RestartCount - startsBefore;
    if (starts >= MOST_STARTS) {
      throw new Error(
        `${place}: ${node.name} ends with code ${info.State.ExitCode} at each start:\n${await node.log()}`,
      );
    }
    if (elapsed >= seconds) {
      throw new Error(
        `${place}: ${node.name} does not ${goal} after ${seconds} s (readySeconds):\n${await node.log()}`,
      );
    }
    context.progress(`waiting for ${node.name} to ${goal} (${elapsed} s)`);
    await sleep(POLL_MS, undefined, { signal: context.signal });
  }
}
