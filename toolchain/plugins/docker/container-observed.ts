import type { ContainerInspectInfo, HostConfig } from "dockerode";
import type { Properties } from "../../../provider/plugin/resource.ts";
import { fromLabels } from "./labels.ts";

const MIB = 1024 * 1024;

/** What an image presets. An engine says null for what a scratch image lacks. */
interface ImageConfig {
  Cmd?: string[] | null;
  Entrypoint?: string | string[] | null;
  Env?: string[] | null;
  Labels?: Record<string, string> | null;
  User?: string;
  WorkingDir?: string;
}

/** What a container's own outputs are, besides its inputs. */
export function containerOutputs(info: ContainerInspectInfo): Properties {
  const { Config, HostConfig, State } = info;
  return {
    name: nameOf(info),
    hostname: Config.Hostname,
    command: Config.Cmd,
    entrypoints: asList(Config.Entrypoint),
    ipcMode: HostConfig.IpcMode,
    logDriver: HostConfig.LogConfig?.Type,
    runtime: HostConfig.Runtime,
    bridge: "",
    exitCode: State.ExitCode,
    ports: publishedPorts(info),
    networkDatas: Object.entries(info.NetworkSettings.Networks)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([networkName, network]) => ({
        networkName,
        ipAddress: network.IPAddress,
        ipPrefixLength: network.IPPrefixLen,
        gateway: network.Gateway,
        globalIpv6Address: network.GlobalIPv6Address,
        globalIpv6PrefixLength: network.GlobalIPv6PrefixLen,
        ipv6Gateway: network.IPv6Gateway,
        macAddress: network.MacAddress,
      })),
  };
}

/**
 * The inputs that a refresh compares, as the container really has them: those that someone can change on a running
 * container. A container that should run and does not has `mustRun: false`, so that the next `up` starts it.
 */
export function driftingInputs(info: ContainerInspectInfo): Properties {
  const { HostConfig, State } = info;
  return {
    mustRun: State.Running || State.Restarting,
    restart: restartOf(HostConfig),
    maxRetryCount: HostConfig.RestartPolicy?.MaximumRetryCount,
    cpuShares: HostConfig.CpuShares,
    cpuSet: HostConfig.CpusetCpus,
    memory: toMegabytes(HostConfig.Memory),
    memoryReservation: toMegabytes(HostConfig.MemoryReservation),
    memorySwap: toMegabytes(HostConfig.MemorySwap),
  };
}

/** The inputs of a container that Pulumi adopts; what only repeats its image is left out. */
export function importedInputs(info: ContainerInspectInfo, image: { Config: ImageConfig }): Properties {
  const { Config, HostConfig } = info;
  const { mustRun, maxRetryCount, memorySwap, ...limits } = driftingInputs(info);
  const own = {
    ...limits,
    memorySwap: memorySwap === Number(limits.memory) * 2 ? undefined : memorySwap,
    maxRetryCount: maxRetryCount === 0 ? undefined : maxRetryCount,
    mustRun: mustRun === true ? undefined : false,
    restart: limits.restart === "no" ? undefined : limits.restart,
    name: nameOf(info),
    image: Config.Image,
    command: differing(asList(Config.Cmd), asList(image.Config.Cmd)),
    entrypoints: differing(asList(Config.Entrypoint), asList(image.Config.Entrypoint)),
    envs: Config.Env.filter((env) => !(image.Config.Env ?? []).includes(env)),
    labels: fromLabels(Config.Labels)?.filter(({ label, value }) => image.Config.Labels?.[label] !== value),
    user: differing(Config.User, image.Config.User),
    workingDir: differing(Config.WorkingDir, image.Config.WorkingDir),
    readOnly: HostConfig.ReadonlyRootfs,
    privileged: HostConfig.Privileged,
    networkMode: isOwnNetwork(HostConfig) ? undefined : HostConfig.NetworkMode,
    networksAdvanced: isOwnNetwork(HostConfig)
      ? Object.keys(info.NetworkSettings.Networks).map((name) => ({ name }))
      : undefined,
    ports: publishedPorts(info),
    volumes: (HostConfig.Binds ?? []).map(volumeOf),
  };
  return Object.fromEntries(Object.entries(own).filter(([, value]) => !isEmpty(value)));
}

function restartOf({ RestartPolicy }: HostConfig): string {
  const name = RestartPolicy?.Name ?? "";
  return name === "" ? "no" : name;
}

function nameOf({ Name }: ContainerInspectInfo): string {
  return Name.replace(/^\//, "");
}

type Bindings = Record<string, { HostIp: string; HostPort: string }[] | null>;

function publishedPorts({ HostConfig, NetworkSettings }: ContainerInspectInfo): Properties[] {
  const wanted = HostConfig.PortBindings as Bindings | null;
  // A port that the image exposes and nobody published is there without bindings.
  const published: Bindings = { ...wanted, ...(NetworkSettings.Ports as Bindings) };
  return Object.entries(published)
    .flatMap(([key, bindings]) => {
      const [internal, protocol] = key.split("/");
      // One entry per binding that was asked for: the engine adds one for IPv6.
      const asked = wanted?.[key] ?? [];
      return (bindings ?? []).slice(0, asked.length).map(({ HostPort }, index) => ({
        internal: Number(internal),
        external: Number(HostPort),
        ip: asked[index]?.HostIp ?? "0.0.0.0",
        protocol,
      }));
    })
    .sort((a, b) => a.internal - b.internal);
}

function volumeOf(bind: string): Properties {
  const [source = "", containerPath, modes = ""] = bind.split(":");
  const place = source.startsWith("/") ? { hostPath: source } : { volumeName: source };
  return { ...place, containerPath, readOnly: modes.split(",").includes("ro") || undefined };
}

function isOwnNetwork({ NetworkMode = "" }: HostConfig): boolean {
  return !/^(default|bridge|host|none|container:.*)$/.test(NetworkMode);
}

function toMegabytes(bytes: number | undefined): number | undefined {
  return bytes === undefined || bytes < 0 ? bytes : bytes / MIB;
}

function asList(value: string | string[] | null | undefined): string[] | undefined {
  return typeof value === "string" ? [value] : (value ?? undefined);
}

function differing<T>(own: T, image: T): T | undefined {
  return JSON.stringify(own) === JSON.stringify(image) ? undefined : own;
}

function isEmpty(value: unknown): boolean {
  return (
    value === undefined ||
    value === null ||
    value === "" ||
    value === 0 ||
    value === false ||
    (Array.isArray(value) && value.length === 0)
  );
}
