import { describe, expect, it } from "vitest";
import { defineEnvironment, generated } from "../../../components/index.ts";
import type { Shares } from "../../../components/shares.ts";
import { allRegistered, find, mockEngine } from "../../support/mock-engine.ts";

const image = `registry.example.org/box@sha256:${"b".repeat(64)}`;

async function deploy(shares: Shares) {
  const registered = await mockEngine();
  const { Environment } = await import("../../../components/environment.ts");
  const environment = new Environment("qa", {
    namespace: "slipway",
    platform: {
      authority: { certificate: "ca certificate", privateKey: "ca key" },
      ports: { http: 8080, https: 8443 },
      registry: { address: "127.0.0.1:5000", username: "s", password: "p", pull: { username: "", password: "" } },
      supervisor: true,
    },
    helperImage: "haproxy:3.2",
    secrets: { configured: {}, directory: undefined, rotations: {} },
    pins: {},
    shares,
    spec: defineEnvironment({
      domain: "qa.localhost",
      services: {
        box: {
          image,
          secrets: { api: { secret: generated("api"), owner: "1000", mode: "0400" }, open: generated("open") },
          mounts: {
            inbox: { path: "/inbox", directory: "/srv/inbox", readOnly: false },
            own: "/own",
            photos: { path: "/photos", directory: "/srv/photos" },
            plain: { path: "/plain", readOnly: true },
            scratch: { path: "/scratch", sizeMb: 8, mode: "0700", owner: "1000" },
            theirs: "/theirs",
          },
        },
      },
      volumes: { own: { owner: "1000:1000", mode: "0750" }, plain: {}, theirs: { shareFrom: "prod/uploads" } },
    }),
  });
  await allRegistered();
  return { registered, volumes: environment.volumes };
}

describe("the storage of a service", () => {
  it("is mounted as the stack file says", async () => {
    const { registered } = await deploy({ theirs: "slipway-prod-uploads" });
    const { inputs } = find(registered, "docker:index/container:Container", "qa-box-1");

    expect(inputs.volumes).toEqual([
      { containerPath: "/plain", volumeName: "slipway-qa-plain", readOnly: true },
      { containerPath: "/theirs", volumeName: "slipway-prod-uploads", readOnly: true },
      { containerPath: "/run/secrets", volumeName: "slipway-qa-box-secrets-1a2b3c4", readOnly: true },
    ]);
    expect(inputs.mounts).toEqual([
      { type: "bind", target: "/inbox", source: "/srv/inbox", readOnly: false },
      { type: "volume", target: "/own", source: "slipway-qa-own", readOnly: false, volumeOptions: { noCopy: true } },
      { type: "bind", target: "/photos", source: "/srv/photos", readOnly: true },
    ]);
    expect(inputs.tmpfs).toEqual({
      "/tmp": "rw,noexec,nosuid,nodev,size=64m",
      "/scratch": "rw,noexec,nosuid,nodev,size=8m,mode=0700,uid=1000,gid=1000",
    });
  });

  it("has the owners that the stack file says", async () => {
    const { registered } = await deploy({ theirs: "slipway-prod-uploads" });

    expect(find(registered, "slipway:index:VolumeOwner", "qa-own-owner").inputs).toEqual({
      ...{
        namespace: "slipway",
        volume: "slipway-qa-own",
        owner: "1000:1000",
        mode: "0750",
        helperImage: "haproxy:3.2",
      },
    });
    expect(find(registered, "slipway:index:SecretFiles", "qa-box-secrets").inputs.owners).toEqual({
      api: { owner: "1000", mode: "0400" },
    });
  });

  it("is not made where another stack has made it, and is offered to others where it is its own", async () => {
    const { registered, volumes } = await deploy({ theirs: "slipway-prod-uploads" });
    const made = registered.filter(({ type }) => type === "docker:index/volume:Volume");

    expect(made.map(({ inputs }) => inputs.name)).toEqual(["slipway-qa-own", "slipway-qa-plain"]);
    expect(find(registered, "slipway:index:SharedVolume", "qa-theirs-share").inputs).toEqual({
      volume: "slipway-prod-uploads",
      from: "prod",
    });
    expect(volumes).toEqual({ own: "slipway-qa-own", plain: "slipway-qa-plain" });
  });
});
