import { beforeEach, describe, expect, it } from "vitest";
import { link } from "../../../components/spec/link.ts";
import type { Registered } from "../../support/mock-engine.ts";
import { allRegistered, find, mockEngine, valueOf } from "../../support/mock-engine.ts";

const root = new URL("../../fixtures/project", import.meta.url).pathname;
const platform = {
  authority: { certificate: "ca certificate", privateKey: "ca key" },
  ports: { http: 8080, https: 8443 },
  registry: { address: "127.0.0.1:5000", username: "slipway", password: "push", pull: { username: "", password: "" } },
  supervisor: true,
};

async function deployShop(
  changes: object = {},
  pins: Record<string, string> = {},
): Promise<{ registered: Registered[]; urls: unknown; releases: unknown }> {
  const registered = await mockEngine();
  const { Environment } = await import("../../../components/environment.ts");
  const { defineEnvironment } = await import("../../../components/index.ts");
  const spec = defineEnvironment(
    {
      domain: "dev.localhost",
      services: {
        shop: {
          build: "shop",
          port: 8080,
          routes: ["shop", "shop.example.org/fr"],
          replicas: 2,
          health: { path: "/up" },
          env: { API: link("api"), LOCALE: "fr" },
          mounts: { articles: "/data", logs: "/var/log/shop" },
          memoryMb: 128,
          ...changes,
        },
        api: { image: `registry.example.org/api@sha256:${"b".repeat(64)}`, port: 9000 },
      },
      jobs: {
        nightly: {
          service: "shop",
          schedule: "0 3 * * *",
          timeZone: "Europe/Paris",
          command: ["node", "report.ts"],
          env: { API: link("api") },
          mounts: { logs: "/var/log/shop" },
          timeoutSeconds: 600,
        },
      },
      volumes: { articles: { package: "articles" }, logs: {} },
    },
    { root },
  );
  const context = {
    namespace: "slipway",
    platform,
    helperImage: "haproxy:3.2",
    secrets: { configured: {}, directory: undefined, rotations: {} },
    pins,
  };
  const environment = new Environment("dev", { spec, ...context });
  await allRegistered();
  const [urls, releases] = await Promise.all([valueOf(environment.urls), valueOf(environment.releases)]);
  return { registered, urls, releases };
}

describe("Environment", () => {
  let shop: Awaited<ReturnType<typeof deployShop>>;

  beforeEach(async () => {
    shop = await deployShop();
  });

  it("starts each container with no privilege it did not ask for", () => {
    const { inputs } = find(shop.registered, "docker:index/container:Container", "dev-shop-1");

    expect(inputs).toEqual({
      image: `127.0.0.1:5000/built@sha256:${"a".repeat(64)}`,
      envs: [
        "API=http://api:9000",
        "LOCALE=fr",
        "SLIPWAY_ENVIRONMENT=dev",
        "SLIPWAY_SERVICE=shop",
        "SLIPWAY_VERSION=aaaaaaaaaaaa",
      ],
      labels: [
        { label: "slipway.environment", value: "dev" },
        { label: "slipway.links", value: "api" },
        { label: "slipway.namespace", value: "slipway" },
        { label: "slipway.role", value: "app" },
        { label: "slipway.service", value: "shop" },
        { label: "slipway.version", value: "aaaaaaaaaaaa" },
      ],
      networksAdvanced: [{ name: "dev-network-1a2b3c4", aliases: ["shop"] }],
      volumes: [
        { containerPath: "/data", volumeName: "slipway-dev-articles", readOnly: true },
        { containerPath: "/var/log/shop", volumeName: "slipway-dev-logs", readOnly: false },
      ],
      readOnly: true,
      tmpfs: { "/tmp": "rw,noexec,nosuid,nodev,size=64m" },
      capabilities: { drops: ["ALL"] },
      securityOpts: ["no-new-privileges:true"],
      memory: 128,
      memorySwap: 128,
      cpus: "0.5",
      init: true,
      logDriver: "json-file",
      logOpts: { "max-file": "3", "max-size": "10m" },
      restart: "unless-stopped",
      wait: false,
      destroyGraceSeconds: 10,
    });
  });

  it("publishes no port of any service", () => {
    const containers = shop.registered.filter(({ type }) => type === "docker:index/container:Container");

    expect(containers.map(({ name, inputs }) => [name, inputs.ports])).toEqual([
      ["dev-api-1", undefined],
      ["dev-shop-1", undefined],
      ["dev-shop-2", undefined],
      ["dev-nightly-container", undefined],
    ]);
  });

  it("releases all replicas of a service as one version", () => {
    expect(find(shop.registered, "slipway:index:Release", "dev-shop-release").inputs).toEqual({
      namespace: "slipway",
      environment: "dev",
      service: "shop",
      network: "dev-network-1a2b3c4",
      containers: ["dev-shop-1-1a2b3c4", "dev-shop-2-1a2b3c4"],
      image: `127.0.0.1:5000/built@sha256:${"a".repeat(64)}`,
      version: "aaaaaaaaaaaa",
      port: 8080,
      internalPort: 20_141,
      sticky: false,
      stopSeconds: 10,
      keepReleases: 5,
      health: { path: "/up", host: "shop.dev.localhost", everySeconds: 1, timeoutSeconds: 3, failures: 3 },
      hosts: ["shop.dev.localhost", "shop.example.org/fr"],
      rules: [],
      drainSeconds: 30,
      gateSeconds: 60,
      pidsLimit: 200,
      allowRoot: false,
    });
  });

  it("starts no container of an exclusive service, whose release does once the old one is stopped", async () => {
    const { registered } = await deployShop({ replicas: 1, exclusive: true });
    const { inputs } = find(registered, "docker:index/container:Container", "dev-shop-1");
    expect(inputs).toMatchObject({ start: false, mustRun: false });
    expect(find(registered, "slipway:index:Release", "dev-shop-release").inputs).toMatchObject({ rolling: 1 });
  });

  it("has the engine run the command that tells whether a service works", async () => {
    const health = { command: ["node", "alive.js"], everySeconds: 5 };
    const { registered } = await deployShop({ routes: [], health });
    expect(find(registered, "docker:index/container:Container", "dev-shop-1").inputs.healthcheck).toEqual({
      tests: ["CMD", "node", "alive.js"],
      interval: "5s",
      timeout: "3s",
      retries: 3,
    });
    const { inputs } = find(registered, "slipway:index:Release", "dev-shop-release");
    expect(inputs.health).toEqual({ ...health, timeoutSeconds: 3, failures: 3 });
    expect(inputs.internalPort).toBeUndefined();
  });

  it("leads links to a service that answers HTTP through the proxy", async () => {
    const { registered } = await deployShop({ env: { SELF: link("shop"), API: link("api") } });
    expect(find(registered, "docker:index/container:Container", "dev-shop-1").inputs.envs).toEqual(
      expect.arrayContaining(["API=http://api:9000", "SELF=http://dev.slipway.internal:20141"]),
    );
  });

  it("runs an earlier image where one is pinned, and keeps what was built on record", async () => {
    const earlier = `127.0.0.1:5000/slipway/dev/shop@sha256:${"c".repeat(64)}`;
    const { registered, releases } = await deployShop({}, { shop: earlier });
    expect(find(registered, "docker:index/remoteImage:RemoteImage", "dev-shop-image-pull").inputs.name).toBe(earlier);
    expect(releases).toMatchObject({ shop: { image: earlier, version: "c".repeat(12) } });
    expect(find(registered, "slipway:index:ImageBuild", "dev-shop-image-build")).toBeDefined();
  });

  it("refuses a pin for a service that is not there", async () => {
    await expect(deployShop({}, { chop: "chop@sha256:0" })).rejects.toThrow(
      "slipway:pins: chop: no such service; there are: api, shop",
    );
  });

  it("makes the container of a job and does not start it", () => {
    const { inputs } = find(shop.registered, "docker:index/container:Container", "dev-nightly-container");

    expect(inputs).toEqual({
      image: `127.0.0.1:5000/built@sha256:${"a".repeat(64)}`,
      command: ["node", "report.ts"],
      envs: ["API=http://api:9000", "SLIPWAY_ENVIRONMENT=dev", "SLIPWAY_JOB=nightly", "SLIPWAY_VERSION=aaaaaaaaaaaa"],
      labels: [
        { label: "slipway.environment", value: "dev" },
        { label: "slipway.namespace", value: "slipway" },
        { label: "slipway.role", value: "job" },
        { label: "slipway.version", value: "aaaaaaaaaaaa" },
        { label: "slipway.catchUp", value: "false" },
        { label: "slipway.job", value: "nightly" },
        { label: "slipway.schedule", value: "0 3 * * *" },
        { label: "slipway.timeZone", value: "Europe/Paris" },
        { label: "slipway.timeoutSeconds", value: "600" },
      ],
      networksAdvanced: [{ name: "dev-network-1a2b3c4" }],
      volumes: [{ containerPath: "/var/log/shop", volumeName: "slipway-dev-logs", readOnly: false }],
      readOnly: true,
      tmpfs: { "/tmp": "rw,noexec,nosuid,nodev,size=64m" },
      capabilities: { drops: ["ALL"] },
      securityOpts: ["no-new-privileges:true"],
      memory: 256,
      memorySwap: 256,
      cpus: "0.5",
      init: true,
      logDriver: "json-file",
      logOpts: { "max-file": "3", "max-size": "10m" },
      restart: "no",
      start: false,
      mustRun: false,
      destroyGraceSeconds: 10,
    });
  });

  it("releases a job, which waits for a run of the old version as long as a run may take", () => {
    expect(find(shop.registered, "slipway:index:JobRelease", "dev-nightly-release").inputs).toEqual({
      namespace: "slipway",
      environment: "dev",
      job: "nightly",
      container: "dev-nightly-container-1a2b3c4",
      waitSeconds: 600,
      pidsLimit: 200,
      allowRoot: false,
    });
  });

  it("asks for a certificate for the domain and the hosts outside of it", () => {
    expect(find(shop.registered, "slipway:index:IssuedCertificate", "dev-certificate").inputs.hosts).toEqual([
      "dev.localhost",
      "*.dev.localhost",
      "shop.example.org",
    ]);
  });

  it("hands the certificate's key and the registry's password on as secrets", () => {
    expect(find(shop.registered, "slipway:index:Certificate", "dev-presented").secrets).toEqual(["pem"]);
  });

  it("keeps volumes where they are, whatever becomes of the stack", () => {
    expect(find(shop.registered, "docker:index/volume:Volume", "dev-logs-volume").inputs.name).toBe("slipway-dev-logs");
  });

  it("names its children after itself", () => {
    const strangers = shop.registered.filter(({ name }) => name !== "dev" && !name.startsWith("dev-"));

    expect(strangers).toEqual([]);
  });

  it("tells the addresses and the versions that run", () => {
    expect(shop.urls).toEqual({
      api: [],
      shop: ["https://shop.dev.localhost:8443/", "https://shop.example.org:8443/fr"],
    });
    expect(shop.releases).toEqual({
      api: {
        image: `registry.example.org/api@sha256:${"b".repeat(64)}`,
        version: "bbbbbbbbbbbb",
        when: "2026-11-22T00:00:00.000Z",
      },
      shop: {
        image: `127.0.0.1:5000/built@sha256:${"a".repeat(64)}`,
        version: "aaaaaaaaaaaa",
        when: "2026-11-22T00:00:00.000Z",
      },
    });
  });
});

describe("a relaxed service", () => {
  it("gets back what it names and nothing else", async () => {
    const { registered } = await deployShop({
      user: "1000:1000",
      cpus: 2,
      relax: { writableRootFilesystem: true, capabilities: ["NET_BIND_SERVICE"] },
    });

    expect(find(registered, "docker:index/container:Container", "dev-shop-2").inputs).toMatchObject({
      readOnly: false,
      capabilities: { drops: ["ALL"], adds: ["NET_BIND_SERVICE"] },
      securityOpts: ["no-new-privileges:true"],
      user: "1000:1000",
      cpus: "2.0",
    });
  });
});
