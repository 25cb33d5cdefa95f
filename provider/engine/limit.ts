import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import { statusOf } from "./engine.ts";

const ATTEMPTS = 10;
const PAUSE_MS = 200;

/**
 * Sets how many processes and threads may run in a container, which the Docker plugin has no input for. The engine refuses
 * it in the moment between the end of a container and its next start, so that it is asked again for two seconds.
 *
 * @throws what the engine says, when it goes on to refuse.
 */
export async function limitProcesses(container: Pick<Docker.Container, "update">, pidsLimit: number): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await container.update({ PidsLimit: pidsLimit });
      return;
    } catch (error) {
      if (attempt === ATTEMPTS || statusOf(error) !== 500) throw error;
      await sleep(PAUSE_MS);
    }
  }
}
