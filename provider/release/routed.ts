import type { Runtime } from "../proxy/runtime.ts";
import { backendName, fragmentFile, keysOf } from "./fragment.ts";
import type { ReleasePlan } from "./inputs.ts";
import { viewProxy } from "./services.ts";

/** What of a release the proxy really routes: its containers and hosts as far as file and running process agree. */
export type Routed = Pick<ReleasePlan, "containers" | "hosts" | "port" | "internalPort">;

/**
 * Compares a release with the proxy; undefined when the service's file is gone. What agrees comes back as it was
 * recorded, in the same order, so that a proxy which does what it should shows no difference.
 */
export async function routedBy(runtime: Runtime, recorded: ReleasePlan): Promise<Routed | undefined> {
  const { files, slots = [], hosts } = await viewProxy(runtime, recorded);
  const file = files.get(fragmentFile(recorded));
  if (!file) return undefined;
  const { port } = recorded;
  if (!file.intact || !file.fragment) return { containers: [], hosts: [], port, internalPort: undefined };

  const backend = backendName(recorded);
  const written = file.fragment.slots;
  const ready = slots.filter((slot) => slot.state === "ready" && written.some(({ name }) => name === slot.name));
  const agreed = ready.filter((slot) =>
    written.some(({ name, container }) => name === slot.name && container === slot.container),
  );
  const served = agreed.flatMap(({ container }) => container ?? []);
  const { hosts: writtenHosts, internal } = file.fragment;
  const isReachable = keysOf({ ...file.fragment, hosts: [] }).every((key) => hosts.get(key) === backend);
  const routed = [...hosts].filter(([, name]) => name === backend).map(([key]) => key.replace(/\/$/, ""));
  return {
    containers: inOrderOf(recorded.containers, served),
    hosts: inOrderOf(
      recorded.hosts,
      routed.filter((host) => writtenHosts.includes(host)),
    ),
    port: agreed.find((slot) => slot.port !== port)?.port ?? port,
    internalPort: isReachable ? internal?.port : undefined,
  };
}

function inOrderOf(recorded: readonly string[], found: readonly string[]): string[] {
  return [...recorded.filter((item) => found.includes(item)), ...found.filter((item) => !recorded.includes(item))];
}
