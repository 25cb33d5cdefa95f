import { once } from "node:events";
import type { GetEventsOptions } from "dockerode";
import type { Workspace } from "./workspace.ts";

/** The starts of a service's containers, from now on. */
export interface Starts {
  /** Address of the next container that starts. */
  address: () => Promise<string>;
  close: () => void;
}

/** Addresses of the running containers of a service, on the engine's networks. */
export async function addressesOf({ docker, namespace }: Workspace, service: string): Promise<string[]> {
  const containers = await docker.listContainers({ filters: { label: labelsOf(namespace, service) } });
  return containers.flatMap(({ NetworkSettings }) =>
    Object.values(NetworkSettings.Networks).map(({ IPAddress }) => IPAddress),
  );
}

/** Listens to the starts of a service's containers; `close` it afterwards. */
export async function watchStarts({ docker, namespace }: Workspace, service: string): Promise<Starts> {
  const filters: GetEventsOptions["filters"] = {
    type: ["container"],
    event: ["start"],
    label: labelsOf(namespace, service),
  };
  const end = new AbortController();
  const events = await docker.getEvents({ filters, abortSignal: end.signal });
  return {
    async address() {
      const [event] = (await once(events, "data")) as [Buffer];
      const { id } = JSON.parse(event.toString()) as { id: string };
      const { NetworkSettings } = await docker.getContainer(id).inspect();
      return Object.values(NetworkSettings.Networks)[0]?.IPAddress ?? "none";
    },
    close: () => {
      end.abort();
    },
  };
}

function labelsOf(namespace: string, service: string): string[] {
  return [`slipway.namespace=${namespace}`, "slipway.role=app", `slipway.service=${service}`];
}
