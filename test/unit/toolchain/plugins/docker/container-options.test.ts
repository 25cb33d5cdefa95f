import { describe, expect, it } from "vitest";
import { containerShape } from "../../../../../toolchain/plugins/docker/container-inputs.ts";
import { createOptions } from "../../../../../toolchain/plugins/docker/container-options.ts";
import { container } from "../../../../../toolchain/plugins/docker/container.ts";
import { RULES } from "../../../../../toolchain/plugins/docker/rules.ts";
import { resourceContext } from "../context.ts";

const minimal = { name: "web", image: "busybox" };

describe("a container's options", () => {
  it("count memory in MiB and CPUs in nanoseconds", () => {
    const options = createOptions({ ...minimal, memory: 64, memorySwap: -1, shmSize: 2, cpus: "0.5" });

    expect(options.HostConfig).toMatchObject({
      Memory: 67_108_864,
      MemorySwap: -1,
      ShmSize: 2_097_152,
      NanoCpus: 500_000_000,
    });
  });

  it("double the memory where no swap is named, as the engine does", () => {
    expect(createOptions({ ...minimal, memory: 64 }).HostConfig?.MemorySwap).toBe(134_217_728);
  });

  it("publish on all addresses by default, and leave a free port to the engine", () => {
    const ports = [
      { internal: 80, external: 8080, ip: "127.0.0.1" },
      { internal: 80, external: 8081 },
      { internal: 53, protocol: "udp" as const },
    ];

    expect(createOptions({ ...minimal, ports })).toMatchObject({
      ExposedPorts: { "80/tcp": {}, "53/udp": {} },
      HostConfig: {
        PortBindings: {
          "80/tcp": [
            { HostIp: "127.0.0.1", HostPort: "8080" },
            { HostIp: "0.0.0.0", HostPort: "8081" },
          ],
          "53/udp": [{ HostIp: "0.0.0.0", HostPort: "" }],
        },
      },
    });
  });

  it("mount named volumes and host paths, and make a volume where there is neither", () => {
    const volumes = [
      { containerPath: "/a", volumeName: "data", readOnly: true },
      { containerPath: "/b", hostPath: "/srv/b" },
      { containerPath: "/c" },
    ];

    const options = createOptions({ ...minimal, volumes });

    expect(options.Volumes).toEqual({ "/c": {} });
    expect(options.HostConfig?.Binds).toEqual(["data:/a:ro", "/srv/b:/b:rw"]);
  });

  it("put the container straight into its first network", () => {
    const networksAdvanced = [{ name: "front", aliases: ["web"] }, { name: "back" }];

    const options = createOptions({ ...minimal, networksAdvanced });

    expect(options.HostConfig?.NetworkMode).toBe("front");
    expect(options.NetworkingConfig).toEqual({
      EndpointsConfig: { front: { Aliases: ["web"], IPAMConfig: undefined } },
    });
  });
});

describe("a container's check", () => {
  it("knows no input that the rules have never heard of", () => {
    const updates = [
      ...["attach", "containerReadRefreshTimeoutMilliseconds", "cpuPeriod", "cpuQuota", "cpuSet", "cpuShares"],
      ...["destroyGraceSeconds", "init", "logs", "maxRetryCount", "memory", "memoryReservation", "memorySwap"],
      ...["mustRun", "removeVolumes", "restart", "rm", "start", "tmpfs", "wait", "waitTimeout"],
    ];
    const replaces: readonly string[] = RULES.container.replace;

    expect(Object.keys(containerShape).filter((key) => !replaces.includes(key))).toEqual(updates.sort());
  });

  it("names each fault by its path", async () => {
    const news = {
      image: "busybox",
      ports: [{ internal: 0 }],
      uploads: [{ file: "etc/a", content: "a" }, { file: "/etc/b" }],
      healthcheck: { tests: ["CMD", "true"], interval: "5" },
      deviceRequests: [],
    };

    const checked = await container.check?.(news, undefined, resourceContext());

    expect(checked?.faults?.map(({ property }) => property)).toEqual([
      "healthcheck.interval",
      "ports[0].internal",
      "uploads[0].file",
      "uploads[1]",
      "deviceRequests",
    ]);
  });
});
