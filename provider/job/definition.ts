import type { ContainerCreateOptions, MountSettings } from "dockerode";
import { labels } from "../names.ts";
import { containerOf } from "./inputs.ts";
import type { JobRunPlan } from "./inputs.ts";

const MIB = 1024 * 1024;

/** What a job's container is made of. */
export function definitionOf(plan: JobRunPlan): ContainerCreateOptions {
  return {
    name: containerOf(plan),
    Image: plan.image,
    Cmd: plan.command,
    Env: plan.envs,
    User: plan.user,
    // The exit code decides, whatever an image asks a server of the same program.
    Healthcheck: { Test: ["NONE"] },
    Labels: {
      ...ownLabels(plan),
      [labels.version]: plan.version,
      // By it the supervisor ends a run whose `up` is gone.
      [labels.timeoutSeconds]: String(plan.timeoutSeconds),
    },
    HostConfig: {
      NetworkMode: plan.network,
      Binds: plan.volumes.map(
        ({ volumeName, containerPath, readOnly }) => `${volumeName}:${containerPath}:${readOnly ? "ro" : "rw"}`,
      ),
      Mounts: plan.mounts?.map(mountOf),
      RestartPolicy: { Name: "no" },
      ReadonlyRootfs: plan.readOnly,
      Tmpfs: plan.tmpfs,
      CapDrop: plan.capabilities.drops,
      CapAdd: plan.capabilities.adds,
      SecurityOpt: plan.securityOpts,
      Memory: plan.memory * MIB,
      MemorySwap: plan.memorySwap * MIB,
      NanoCpus: Math.round(Number(plan.cpus) * 1e9),
      PidsLimit: plan.pidsLimit,
      Init: plan.init,
      LogConfig: { Type: plan.logDriver, Config: plan.logOpts },
    },
  };
}

function mountOf(mount: NonNullable<JobRunPlan["mounts"]>[number]): MountSettings {
  const { type, target, source, readOnly, volumeOptions } = mount;
  const engines = { Labels: {}, DriverConfig: { Name: "", Options: {} } };
  return {
    ...{ Type: type, Target: target, Source: source, ReadOnly: readOnly },
    VolumeOptions: volumeOptions && { ...engines, NoCopy: volumeOptions.noCopy },
  };
}

/** Labels that tell a job's containers from all others. */
export function ownLabels({ namespace, environment, job }: JobRunPlan): Record<string, string> {
  return {
    [labels.namespace]: namespace,
    [labels.environment]: environment,
    [labels.role]: "job",
    [labels.job]: job,
  };
}
