import { setTimeout as sleep } from "node:timers/promises";
import { Engine } from "./engine.ts";
import { logToStdout } from "./log.ts";
import { Supervisor } from "./supervisor.ts";

const LOOK_MS = 1000;

const { SLIPWAY_NAMESPACE: namespace = "slipway", DOCKER_SOCKET: socket = "/var/run/docker.sock" } = process.env;
const supervisor = new Supervisor(new Engine(socket), namespace, logToStdout);

// An engine that was started anew has another socket, which only a new start of this container can see: so it ends
// when the engine does not answer, and its restart policy brings it back.
logToStdout({ action: "start", why: `looks after the namespace ${namespace}` });
for (;;) {
  await supervisor.look();
  await sleep(LOOK_MS);
}
