import { describe, expect, it } from "vitest";
import { generated } from "../../../components/spec/secret.ts";
import type { Secret } from "../../../components/spec/secret.ts";
import { allRegistered, find, mockEngine } from "../../support/mock-engine.ts";
import type { Registered } from "../../support/mock-engine.ts";

const IMAGE = `registry.example.org/shop@sha256:${"b".repeat(64)}`;
const RUN = "slipway:index:JobRun";

async function deployShop(secrets: Record<string, Secret> = {}) {
  const registered = await mockEngine();
  const { Environment } = await import("../../../components/environment.ts");
  const { defineEnvironment } = await import("../../../components/index.ts");
  const spec = defineEnvironment({
    domain: "dev.localhost",
    services: {
      api: { image: IMAGE, port: 9000, before: ["migrate"] },
      web: { image: IMAGE, port: 8080, waitsFor: ["api"] },
    },
    jobs: {
      migrate: { service: "api", command: ["node", "migrate.ts"], mounts: { data: "/data" }, secrets },
    },
    volumes: { data: {} },
  });
  const platform = {
    authority: { certificate: "ca certificate", privateKey: "ca key" },
    ports: { http: 8080, https: 8443 },
    registry: { address: "127.0.0.1:5000", username: "", password: "", pull: { username: "", password: "" } },
    supervisor: true,
  };
  new Environment("dev", {
    ...{ spec, namespace: "slipway", platform, helperImage: "haproxy:3.2", pins: {} },
    secrets: { configured: {}, directory: undefined, rotations: {} },
  });
  await allRegistered();
  return registered;
}

const namesIn = (registered: readonly Registered[]) => registered.map(({ name }) => name);

describe("a job without schedule", () => {
  it("is no container of the stack, but a run that is as closed as any container", async () => {
    const registered = await deployShop();

    expect(find(registered, RUN, "dev-migrate-run").inputs).toEqual({
      namespace: "slipway",
      environment: "dev",
      job: "migrate",
      image: IMAGE,
      version: "bbbbbbbbbbbb",
      command: ["node", "migrate.ts"],
      envs: ["SLIPWAY_ENVIRONMENT=dev", "SLIPWAY_JOB=migrate", "SLIPWAY_VERSION=bbbbbbbbbbbb"],
      volumes: [{ containerPath: "/data", volumeName: "slipway-dev-data", readOnly: false }],
      network: "dev-network-1a2b3c4",
      allowRoot: false,
      timeoutSeconds: 600,
      pidsLimit: 200,
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
    });
    expect(namesIn(registered)).not.toContain("dev-migrate-container");
  });

  it("comes before the containers of the service that names it, and those of what waits for that service", async () => {
    const names = namesIn(await deployShop());
    const places = ["dev-migrate-run", "dev-api-1", "dev-api-release", "dev-web-1"].map((name) => names.indexOf(name));

    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  it("gets its secrets as files, as a service does", async () => {
    const registered = await deployShop({ password: generated("password") });

    expect(find(registered, RUN, "dev-migrate-run").inputs.volumes).toContainEqual({
      containerPath: "/run/secrets",
      volumeName: "slipway-dev-migrate-secrets-1a2b3c4",
      readOnly: true,
    });
  });
});
