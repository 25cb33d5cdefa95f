import { z } from "zod";
import type { Workspace } from "./workspace.ts";

/** Their configuration is put into their root filesystem. */
const WRITABLE = ["registry"];

const RULES: Readonly<Record<string, (container: Container) => boolean>> = {
  "may gain privileges": ({ SecurityOpt }) => !SecurityOpt?.some((it) => it.startsWith("no-new-privileges")),
  "is privileged": ({ Privileged }) => Privileged,
  "has capabilities": ({ CapDrop, CapAdd }) => CapDrop?.join() !== "ALL" || (CapAdd ?? []).length > 0,
  "may start any number of processes": ({ PidsLimit }) => (PidsLimit ?? 0) <= 0,
  "may take any amount of memory": ({ Memory, MemorySwap }) => Memory <= 0 || MemorySwap !== Memory,
  "may take all processors": ({ NanoCpus }) => NanoCpus <= 0,
  "may write to its root filesystem": ({ ReadonlyRootfs, role }) => !ReadonlyRootfs && !WRITABLE.includes(role),
  "logs without end": ({ LogConfig }) => LogConfig.Config["max-size"] === undefined,
};

/** What is open in the containers of a workspace that is promised to be closed: role, container and rule, sorted. */
export async function looseContainers({ docker, namespace }: Workspace): Promise<string[]> {
  const filters = { label: [`slipway.namespace=${namespace}`] };
  const listed = await docker.listContainers({ all: true, filters });
  const inspected = await Promise.all(listed.map(({ Id }) => docker.getContainer(Id).inspect()));
  return inspected
    .map(({ Name, Config, HostConfig }) => ({
      ...hostConfig.parse(HostConfig),
      ...{ name: Name.slice(1), role: Config.Labels["slipway.role"] ?? "" },
    }))
    .flatMap((container) =>
      Object.entries(RULES)
        .filter(([, isBroken]) => isBroken(container))
        .map(([what]) => `${container.role} ${container.name} ${what}`),
    )
    .sort();
}

const words = z.array(z.string()).nullish();

const hostConfig = z.object({
  ...{ SecurityOpt: words, CapAdd: words, CapDrop: words },
  ...{ Privileged: z.boolean(), ReadonlyRootfs: z.boolean() },
  ...{ Memory: z.number(), MemorySwap: z.number(), NanoCpus: z.number(), PidsLimit: z.number().nullish() },
  LogConfig: z.object({ Config: z.record(z.string(), z.string()) }),
});

type Container = z.output<typeof hostConfig> & { name: string; role: string };
