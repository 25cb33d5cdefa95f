import { resolve } from "node:path";
import type { ContainerCreateOptions, EndpointSettings, HostConfig, MountSettings } from "dockerode";
import type { ContainerInputs } from "./container-inputs.ts";
import { toNanoseconds } from "./duration.ts";
import { toLabels } from "./labels.ts";

const MIB = 1024 * 1024;

type Network = NonNullable<ContainerInputs["networksAdvanced"]>[number];
type Volume = NonNullable<ContainerInputs["volumes"]>[number];
type Mount = NonNullable<ContainerInputs["mounts"]>[number];

/** Turns a container's inputs into what the engine creates it from. */
export function createOptions(inputs: ContainerInputs): ContainerCreateOptions {
  const { networksAdvanced: [network] = [] } = inputs;
  const anonymous = inputs.volumes?.filter(isAnonymous) ?? [];
  return {
    name: inputs.name,
    platform: inputs.platform,
    Image: inputs.image,
    Cmd: inputs.command,
    Entrypoint: inputs.entrypoints,
    Env: inputs.envs,
    User: inputs.user,
    WorkingDir: inputs.workingDir,
    Hostname: inputs.hostname,
    Domainname: inputs.domainname,
    Labels: toLabels(inputs.labels),
    Tty: inputs.tty,
    OpenStdin: inputs.stdinOpen,
    StopSignal: inputs.stopSignal,
    StopTimeout: inputs.stopTimeout,
    Healthcheck: healthcheck(inputs.healthcheck),
    ExposedPorts: Object.fromEntries((inputs.ports ?? []).map((port) => [portKey(port), {}])),
    Volumes: Object.fromEntries(anonymous.map(({ containerPath }) => [containerPath, {}])),
    HostConfig: hostConfig(inputs),
    // The engine takes one network at creation, which saves the way over the default bridge.
    NetworkingConfig: network && { EndpointsConfig: { [network.name]: endpoint(network) } },
  };
}

/** The limits that an engine changes on a running container. */
export function updatableLimits(inputs: ContainerInputs): HostConfig {
  return {
    CpuShares: inputs.cpuShares,
    CpusetCpus: inputs.cpuSet,
    Memory: megabytes(inputs.memory),
    MemoryReservation: megabytes(inputs.memoryReservation),
    // Twice the memory is the engine's own default; unsaid, it refuses a memory above the old sum.
    MemorySwap: megabytes(inputs.memorySwap ?? (inputs.memory && inputs.memory * 2)),
    RestartPolicy: { Name: inputs.restart ?? "no", MaximumRetryCount: inputs.maxRetryCount },
  };
}

/** How a container stands on one of its networks. */
export function endpoint({ aliases, ipv4Address, ipv6Address }: Network): EndpointSettings {
  const addressed = ipv4Address !== undefined || ipv6Address !== undefined;
  return {
    Aliases: aliases,
    IPAMConfig: addressed ? { IPv4Address: ipv4Address, IPv6Address: ipv6Address } : undefined,
  };
}

function hostConfig(inputs: ContainerInputs): HostConfig {
  return {
    ...updatableLimits(inputs),
    AutoRemove: inputs.rm,
    Binds: inputs.volumes?.filter((volume) => !isAnonymous(volume)).map(bind),
    Mounts: inputs.mounts?.map(mount),
    Tmpfs: inputs.tmpfs,
    NetworkMode: inputs.networksAdvanced?.[0]?.name ?? inputs.networkMode ?? "bridge",
    PortBindings: portBindings(inputs.ports),
    PublishAllPorts: inputs.publishAllPorts,
    CapAdd: inputs.capabilities?.adds,
    CapDrop: inputs.capabilities?.drops,
    SecurityOpt: inputs.securityOpts,
    Privileged: inputs.privileged,
    ReadonlyRootfs: inputs.readOnly,
    GroupAdd: inputs.groupAdds,
    Sysctls: inputs.sysctls,
    Ulimits: inputs.ulimits?.map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard })),
    NanoCpus: inputs.cpus === undefined ? undefined : Math.round(Number(inputs.cpus) * 1e9),
    CpuPeriod: inputs.cpuPeriod,
    CpuQuota: inputs.cpuQuota,
    ShmSize: megabytes(inputs.shmSize),
    Devices: inputs.devices?.map(({ hostPath, containerPath, permissions }) => ({
      PathOnHost: hostPath,
      PathInContainer: containerPath ?? hostPath,
      CgroupPermissions: permissions ?? "rwm",
    })),
    Dns: inputs.dns,
    DnsOptions: inputs.dnsOpts,
    DnsSearch: inputs.dnsSearches,
    ExtraHosts: inputs.hosts?.map(({ host, ip }) => `${host}:${ip}`),
    LogConfig:
      inputs.logDriver === undefined && inputs.logOpts === undefined
        ? undefined
        : { Type: inputs.logDriver ?? "", Config: inputs.logOpts },
    Init: inputs.init,
    IpcMode: inputs.ipcMode,
    PidMode: inputs.pidMode,
    UsernsMode: inputs.usernsMode,
    Runtime: inputs.runtime,
    CgroupParent: inputs.cgroupParent,
    StorageOpt: inputs.storageOpts,
  };
}

function healthcheck(check: ContainerInputs["healthcheck"]): ContainerCreateOptions["Healthcheck"] {
  if (check === undefined) return undefined;
  return {
    Test: check.tests,
    Interval: toNanoseconds(check.interval ?? "0s"),
    Timeout: toNanoseconds(check.timeout ?? "0s"),
    StartPeriod: toNanoseconds(check.startPeriod ?? "0s"),
    StartInterval: toNanoseconds(check.startInterval ?? "0s"),
    Retries: check.retries ?? 0,
  };
}

function portBindings(ports: ContainerInputs["ports"] = []): Record<string, { HostIp: string; HostPort: string }[]> {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const port of ports) {
    const published = { HostIp: port.ip ?? "0.0.0.0", HostPort: String(port.external ?? "") };
    (bindings[portKey(port)] ??= []).push(published);
  }
  return bindings;
}

function portKey({ internal, protocol = "tcp" }: { internal: number; protocol?: string }): string {
  return `${internal}/${protocol}`;
}

function isAnonymous({ volumeName, hostPath }: Volume): boolean {
  return volumeName === undefined && hostPath === undefined;
}

function bind({ volumeName, hostPath, containerPath, readOnly, selinuxRelabel }: Volume): string {
  const source = hostPath === undefined ? volumeName : resolve(hostPath);
  const modes = [readOnly ? "ro" : "rw", selinuxRelabel].filter((mode) => mode !== undefined);
  return `${source ?? ""}:${containerPath}:${modes.join(",")}`;
}

function mount({ type, source, target, readOnly, bindOptions, volumeOptions, tmpfsOptions }: Mount): MountSettings {
  return {
    Type: type,
    Source: source ?? "",
    Target: target,
    ReadOnly: readOnly,
    BindOptions: bindOptions?.propagation && { Propagation: bindOptions.propagation },
    VolumeOptions: volumeOptions && {
      NoCopy: volumeOptions.noCopy ?? false,
      Labels: {},
      DriverConfig: { Name: "", Options: {} },
    },
    TmpfsOptions: tmpfsOptions && { SizeBytes: tmpfsOptions.sizeBytes ?? 0, Mode: tmpfsOptions.mode ?? 0o1777 },
  };
}

function megabytes(size: number | undefined): number | undefined {
  return size === undefined || size < 0 ? size : size * MIB;
}
