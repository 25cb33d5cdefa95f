import { createHash } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import type { Registered } from "../../support/mock-engine.ts";
import { allRegistered, find, mockEngine, valueOf } from "../../support/mock-engine.ts";

describe("Platform", () => {
  let registered: Registered[];
  let outputs: Record<string, unknown>;

  beforeEach(async () => {
    registered = await mockEngine();
    const { Platform } = await import("../../../components/platform.ts");
    const { definePlatform } = await import("../../../components/index.ts");
    const platform = new Platform("platform", {
      spec: definePlatform({ domain: "localhost", ports: { http: 80, https: 443 } }),
      namespace: "slipway",
      images: { haproxy: "haproxy:3.2", registry: "registry:3" },
    });
    await allRegistered();
    const { ca, ports, registry, registryPassword, statusPassword } = platform.outputs;
    outputs = {
      ca: await valueOf(ca),
      ports: await valueOf(ports),
      registry: await valueOf(registry),
      registryPassword: await valueOf(registryPassword),
      statusPassword: await valueOf(statusPassword),
    };
  });

  it("publishes the registry on the loopback address alone", () => {
    expect(find(registered, "docker:index/container:Container", "platform-registry-container").inputs.ports).toEqual([
      { internal: 5000, external: 5000, ip: "127.0.0.1", protocol: "tcp" },
    ]);
  });

  it("gives the registry its password as a file, hashed", () => {
    expect(find(registered, "docker:index/container:Container", "platform-registry-container").inputs).toMatchObject({
      uploads: [{ file: "/etc/slipway/htpasswd", content: "slipway:platform-registry-password-hash" }],
      envs: [
        "REGISTRY_AUTH=htpasswd",
        "REGISTRY_AUTH_HTPASSWD_PATH=/etc/slipway/htpasswd",
        "REGISTRY_AUTH_HTPASSWD_REALM=slipway",
        "REGISTRY_HTTP_ADDR=0.0.0.0:5000",
        "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY=/var/lib/registry",
      ],
    });
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
      ],
    });
  });

  it("keeps the key of the proxy's certificate and what opens its status page secret", () => {
    const { inputs, secrets } = find(registered, "slipway:index:ProxyConfiguration", "platform-proxy-configuration");
    const header = `Basic ${Buffer.from("slipway:platform-proxy-password-result").toString("base64")}`;

    expect(inputs.statusHash).toBe(createHash("sha256").update(header).digest("hex"));
    expect(secrets).toEqual(["certificate", "statusHash"]);
  });

  it("tells environments where the registry is and what to trust", () => {
    expect(outputs).toEqual({
      ca: "platform-ca-certificate certificate",
      ports: { http: 80, https: 443, status: 8404 },
      registry: { address: "127.0.0.1:5000", username: "slipway" },
      registryPassword: "platform-registry-password-result",
      statusPassword: "platform-proxy-password-result",
    });
  });
});
