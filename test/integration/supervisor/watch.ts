import { setTimeout as sleep } from "node:timers/promises";
import { Engine } from "../../../supervisor/engine.ts";
import type { LogEntry } from "../../../supervisor/log.ts";
import { Supervisor } from "../../../supervisor/supervisor.ts";

const LOOK_MS = 250;

/** A supervisor in this process, and what it has logged so far. */
export interface Watch {
  log: LogEntry[];
  end: () => Promise<void>;
}

/** Has a namespace of the test run's engine looked after. */
export function watch(namespace: string): Watch {
  const log: LogEntry[] = [];
  const socket = (process.env.DOCKER_HOST ?? "unix:///var/run/docker.sock").replace("unix://", "");
  const supervisor = new Supervisor(new Engine(socket), namespace, (entry) => log.push(entry));
  let ended = false;
  const looking = (async () => {
    while (!ended) {
      await supervisor.look();
      await sleep(LOOK_MS);
    }
  })();
  return {
    log,
    end: async () => {
      ended = true;
      await looking;
      supervisor.close();
    },
  };
}
