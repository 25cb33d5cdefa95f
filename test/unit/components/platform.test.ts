import { createHash } from "node:crypto";
import { compareSync } from "bcryptjs";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Registered } from "../../support/mock-engine.ts";
import { allRegistered, find, mockEngine, valueOf } from "../../support/mock-engine.ts";

async function deployPlatform(changes: object = {}) {
  const registered = await mockEngine();
  const pulumi = await import("@pulumi/pulumi");
  const { Platform } = await import("../../../components/platform.ts");
  const { definePlatform } = await import("../../../components/index.ts");
  const platform = new Platform("platform", {
    spec: definePlatform({ domain: "localhost", ports: { http: 80, https: 443 }, ...changes }),
    namespace: "slipway",
    images: { haproxy: "haproxy:3.2", node: "node:24", registry: "registry:3" },
    secrets: {
      configured: { keyId: pulumi.secret("id"), key: pulumi.secret("k3y") },
      directory: undefined,
      rotations: {},
    },
    dockerHost: "unix:///run/user/1000/docker.sock",
  });
  await allRegistered();
  // Hashes are computed meanwhile, and what waits for them would be registered with the next test's engine.
  const last = "supervisor" in changes ? "platform-proxy-limit" : "platform-supervisor-limit";
  await vi.waitUntil(() => registered.some(({ name }) => name === last), { timeout: 50_000 });
  return { registered, platform };
}

describe("Platform", () => {
  let registered: Registered[];
  let outputs: Record<string, unknown>;

  beforeEach(async () => {
    const deployed = await deployPlatform();
    registered = deployed.registered;
    const { ca, ports, registry, registryPassword, registryPullPassword, statusPassword, supervisor, bases } =
      deployed.platform.outputs;
    outputs = {
      ca: await valueOf(ca),
      ports: await valueOf(ports),
      registry: await valueOf(registry),
      registryPassword: await valueOf(registryPassword),
      registryPullPassword: await valueOf(registryPullPassword),
      statusPassword: await valueOf(statusPassword),
      bases: await valueOf(bases),
      supervisor: await valueOf(supervisor),
    };
  });

  it("publishes no port of the registry, and puts it on a network that only the proxy joins and nothing leaves", () => {
    const { inputs } = find(registered, "docker:index/container:Container", "platform-registry-container");

    expect(inputs.ports).toBeUndefined();
    expect(inputs.networksAdvanced).toEqual([
      { name: "platform-registry-network-1a2b3c4", aliases: ["registry.platform.slipway.internal"] },
    ]);
    expect(find(registered, "docker:index/network:Network", "platform-registry-network").inputs).toEqual({
      internal: true,
      labels: [
        { label: "slipway.environment", value: "platform" },
        { label: "slipway.namespace", value: "slipway" },
        { label: "slipway.proxy", value: "slipway" },
      ],
    });
  });

  it("gives the registry its passwords as a file, hashed", () => {
    const { inputs } = find(registered, "docker:index/container:Container", "platform-registry-container");
    const [, passwords] = inputs.uploads as { file: string; content: string }[];
    const lines = (passwords?.content ?? "").split("\n").map((line) => line.split(":"));
    const hashes = new Map(lines.map(([user = "", hash = ""]) => [user, hash]));

    expect(passwords?.file).toBe("/etc/slipway/htpasswd");
    expect(compareSync("platform-registry-password-result", hashes.get("slipway") ?? "")).toBe(true);
    expect(compareSync("platform-registry-pull-password-result", hashes.get("slipway-pull") ?? "")).toBe(true);
  });

  it("runs the proxy as a user of its own, with its configuration in a volume and no Docker socket", () => {
    const { inputs } = find(registered, "docker:index/container:Container", "platform-proxy-container");

    expect(inputs).toMatchObject({
      user: "99:99",
      readOnly: true,
      capabilities: { drops: ["ALL"] },
      volumes: [{ containerPath: "/etc/slipway", volumeName: "slipway-platform-proxy" }],
      ports: [
        { internal: 8080, external: 80, ip: "0.0.0.0", protocol: "tcp" },
        { internal: 8443, external: 443, ip: "0.0.0.0", protocol: "tcp" },
        { internal: 8404, external: 8404, ip: "127.0.0.1", protocol: "tcp" },
        { internal: 5000, external: 5000, ip: "127.0.0.1", protocol: "tcp" },
      ],
    });
  });

  it("limits the processes of each of its containers", () => {
    const limits = registered.filter(({ type }) => type === "slipway:index:ProcessLimit").map(({ inputs }) => inputs);

    expect(limits.sort((a, b) => Number(a.pidsLimit) - Number(b.pidsLimit))).toEqual([
      { container: "platform-supervisor-container-id", pidsLimit: 200 },
      { container: "platform-registry-container-id", pidsLimit: 1000 },
      { container: "platform-proxy-container-id", pidsLimit: 4096 },
    ]);
  });

  it("claims its namespace on the engine, by its authority, before anything is there", () => {
    const types = registered.map(({ type }) => type);

    expect(find(registered, "slipway:index:EnginePlace", "platform-engine").inputs).toEqual({
      claim: { namespace: "slipway", authority: "platform-ca-certificate certificate" },
    });
    expect(types.indexOf("slipway:index:EnginePlace")).toBeLessThan(
      types.findIndex((type) => type.startsWith("docker:")),
    );
  });

  it("names the proxy's own network so that it comes before those of environments", () => {
    const { inputs } = find(registered, "docker:index/network:Network", "platform-proxy-network");

    expect(inputs.name).toBe("0-slipway-proxy");
  });

  it("keeps the key of the proxy's certificate and what opens its status page and the registry secret", () => {
    const { inputs, secrets } = find(registered, "slipway:index:ProxyConfiguration", "platform-proxy-configuration");
    const hash = (credentials: string) =>
      createHash("sha256")
        .update(`Basic ${Buffer.from(credentials).toString("base64")}`)
        .digest("hex");

    expect(inputs.statusHash).toBe(hash("slipway:platform-proxy-password-result"));
    expect(inputs.registryHashes).toEqual({
      push: hash("slipway:platform-registry-password-result"),
      pull: hash("slipway-pull:platform-registry-pull-password-result"),
    });
    expect(secrets).toEqual(["certificate", "registryHashes", "statusHash"]);
  });

  it("tells environments where the registry is and what to trust", () => {
    expect(outputs).toEqual({
      ca: "platform-ca-certificate certificate",
      ports: { http: 80, https: 443, status: 8404 },
      registry: {
        ...{ address: "127.0.0.1:5000", username: "slipway", pullUsername: "slipway-pull" },
        ...{ namespace: "slipway", keep: { count: 10, days: 30 } },
      },
      registryPassword: "platform-registry-password-result",
      registryPullPassword: "platform-registry-pull-password-result",
      statusPassword: "platform-proxy-password-result",
      bases: {},
      supervisor: true,
    });
  });

  it("gives the engine's socket to the supervisor alone, which has no network and no capability", () => {
    const containers = registered.filter(({ type }) => type === "docker:index/container:Container");
    const withSocket = containers.filter(({ inputs }) => JSON.stringify(inputs).includes("docker.sock"));

    expect(withSocket.map(({ name }) => name)).toEqual(["platform-supervisor-container"]);
    expect(withSocket[0]?.inputs).toEqual({
      image: `127.0.0.1:5000/built@sha256:${"a".repeat(64)}`,
      envs: ["DOCKER_SOCKET=/var/run/docker.sock", "SLIPWAY_NAMESPACE=slipway"],
      labels: [
        { label: "slipway.environment", value: "platform" },
        { label: "slipway.namespace", value: "slipway" },
        { label: "slipway.role", value: "supervisor" },
      ],
      networkMode: "none",
      user: "0:0",
      volumes: [{ hostPath: "/run/user/1000/docker.sock", containerPath: "/var/run/docker.sock" }],
      readOnly: true,
      tmpfs: { "/tmp": "rw,noexec,nosuid,nodev,size=64m" },
      capabilities: { drops: ["ALL"] },
      securityOpts: ["no-new-privileges:true"],
      memory: 96,
      memorySwap: 96,
      cpus: "0.5",
      init: true,
      logDriver: "json-file",
      logOpts: { "max-file": "3", "max-size": "10m" },
      restart: "unless-stopped",
      destroyGraceSeconds: 1,
    });
  });

  it("pulls the supervisor's image from the registry that it has just made", () => {
    const { inputs } = find(registered, "pulumi:providers:docker", "platform-registry-docker");

    expect(JSON.parse(String(inputs.registryAuth))).toEqual([
      { address: "127.0.0.1:5000", username: "slipway-pull", password: "platform-registry-pull-password-result" },
    ]);
  });

  it("names images by the registry's host where it has one, and its certificate stands for it", async () => {
    const { registered, platform } = await deployPlatform({ registry: { host: "registry.example.org" } });
    const { inputs } = find(registered, "slipway:index:IssuedCertificate", "platform-proxy-certificate");

    expect(await valueOf(platform.outputs.registry)).toMatchObject({ address: "registry.example.org" });
    expect(inputs.hosts).toEqual(["localhost", "*.localhost", "registry.example.org", "127.0.0.1"]);
  });

  it("keeps images in a bucket where it has one, whose keys are in a file of the container and secret", async () => {
    const { secret } = await import("../../../components/index.ts");
    const s3 = { bucket: "images", endpoint: "https://s3.example.org", accessKeyId: secret("keyId") };
    const keys = { secretAccessKey: secret("key") };
    const { registered } = await deployPlatform({ registry: { s3: { ...s3, ...keys } } });
    const { inputs, secrets } = find(registered, "docker:index/container:Container", "platform-registry-container");
    const [configuration] = inputs.uploads as { content: string }[];

    expect(JSON.parse(configuration?.content ?? "")).toMatchObject({
      storage: {
        s3: {
          ...{ bucket: "images", region: "us-east-1", regionendpoint: "https://s3.example.org", forcepathstyle: true },
          ...{ accesskey: "id", secretkey: "k3y" },
        },
        redirect: { disable: true },
      },
    });
    expect(secrets).toContain("uploads");
    expect(inputs.volumes).toBeUndefined();
    expect(registered.filter(({ name }) => name === "platform-registry-volume")).toEqual([]);
    expect(inputs.networksAdvanced).toEqual([
      { name: "platform-registry-network-1a2b3c4", aliases: ["registry.platform.slipway.internal"] },
      { name: "platform-registry-bucket-network-1a2b3c4" },
    ]);
  });

  it("is refused before anything is registered where a key of the bucket is not set", async () => {
    const { secret } = await import("../../../components/index.ts");
    const s3 = { bucket: "images", accessKeyId: secret("keyId"), secretAccessKey: secret("other") };

    await expect(deployPlatform({ registry: { s3 } })).rejects.toThrow(
      'secret("other"): must be set for stack platform, got nothing; ' +
        "pulumi config set --secret --path 'slipway:secrets.other' -s platform asks for it",
    );
  });

  it("mounts the socket nowhere when the supervisor is switched off", async () => {
    const { registered, platform } = await deployPlatform({ supervisor: false });
    const containers = registered.filter(({ type }) => type === "docker:index/container:Container");

    expect(containers.map(({ name }) => name).sort()).toEqual([
      "platform-proxy-container",
      "platform-registry-container",
    ]);
    expect(JSON.stringify(containers)).not.toContain("docker.sock");
    expect(registered.filter(({ name }) => name.startsWith("platform-supervisor"))).toEqual([]);
    expect(await valueOf(platform.outputs.supervisor)).toBe(false);
  });

  it.each([
    ["unix:///srv/engine/docker.sock", "/srv/engine/docker.sock"],
    ["ssh://deploy@example.org", "/var/run/docker.sock"],
    ["tcp://engine.example.org:2376", "/var/run/docker.sock"],
    [undefined, "/var/run/docker.sock"],
  ])("finds the socket of an engine at %s in %s", async (engine, socket) => {
    const { socketOf } = await import("../../../components/docker/supervisor.ts");

    expect(socketOf(engine)).toBe(socket);
  });
});
