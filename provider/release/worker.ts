import type Docker from "dockerode";
import type { ResourceContext } from "../plugin/resource.ts";
import { ContainerWatch, isRunning } from "./containers.ts";
import { secondsSince } from "./front.ts";
import type { Front } from "./front.ts";
import { gateByItself } from "./gate.ts";
import type { ReleasePlan } from "./inputs.ts";
import { withdraw } from "./proxied.ts";

/** The front of a service that the proxy does not know: what runs works. */
export function workerFront(
  docker: Docker,
  inputs: ReleasePlan,
  before: readonly string[],
  context: ResourceContext,
): Front {
  return {
    async serving() {
      const running = await Promise.all(before.map((name) => isRunning(docker, name)));
      return before.filter((_, index) => running[index]);
    },
    async takeOver(containers) {
      const began = Date.now();
      await gateByItself(docker, new ContainerWatch(docker, containers), inputs, context);
      const gate = secondsSince(began);
      // It may have had hosts until now.
      await withdraw(docker, inputs, context);
      return { gate, switch: 0, drain: 0 };
    },
  };
}
