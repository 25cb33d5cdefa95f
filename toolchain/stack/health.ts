import type Docker from "dockerode";
import { findProxy } from "../../provider/proxy/container.ts";
import { Runtime } from "../../provider/proxy/runtime.ts";
import type { RunningSlot } from "../../provider/proxy/runtime-output.ts";
import type { RecordedRelease } from "./releases.ts";

/** What one container of a service does now. */
export interface ContainerHealth {
  name: string;
  /** Docker's word: `running`, `restarting`, `exited`, …; `gone` when there is no such container. */
  state: string;
  /** Starts after the first one. */
  restarts: number;
  /** True when it does its work: the proxy sends it requests and its checks pass; a worker runs and is not unhealthy. */
  works: boolean;
}

/** What a service does now. */
export interface ServiceHealth {
  service: string;
  version: string;
  image: string;
  releasedAt: string;
  took: RecordedRelease["took"];
  containers: ContainerHealth[];
}

/** Looks at the containers of each release, and at what the proxy makes of them. */
export async function healthOf(docker: Docker, releases: Iterable<RecordedRelease>): Promise<ServiceHealth[]> {
  return Promise.all(
    [...releases].map(async (release) => {
      const slots = await slotsOf(docker, release);
      const containers = await Promise.all(release.released.map((name) => look(docker, name, slots)));
      const { service, version, image, releasedAt, took } = release;
      return { service, version, image, releasedAt, took, containers };
    }),
  );
}

/** Undefined for a service that the proxy does not lead to. */
async function slotsOf(docker: Docker, release: RecordedRelease): Promise<RunningSlot[] | undefined> {
  const { namespace, environment, service, hosts, internalPort } = release;
  if (hosts.length === 0 && internalPort === undefined) return undefined;
  const proxy = await findProxy(docker, namespace);
  return proxy ? ((await new Runtime(proxy).slots(`${environment}.${service}`)) ?? []) : [];
}

async function look(docker: Docker, name: string, slots: RunningSlot[] | undefined): Promise<ContainerHealth> {
  const info = await docker
    .getContainer(name)
    .inspect()
    .catch(() => undefined);
  if (!info) return { name, state: "gone", restarts: 0, works: false };
  const slot = slots?.find(({ container }) => container === name);
  const serves = slots === undefined || (slot?.state === "ready" && slot.up);
  const works = info.State.Running && info.State.Health?.Status !== "unhealthy" && serves;
  return { name, state: info.State.Status, restarts: info.RestartCount, works };
}
