import { describe, expect, it } from "vitest";
import { defineEnvironment, type EnvironmentInput, link } from "../../../components/spec/index.ts";
import { errorOf, faultsOf, makeProject } from "./project.ts";

const root = makeProject();

/** Takes what a stack file written without an editor may hold. */
function environmentFaults(environment: object): string[] {
  return faultsOf(() => defineEnvironment(environment as EnvironmentInput, { root }));
}

describe("routes", () => {
  const routed = { build: "web", port: 80, health: { path: "/" } };

  it.each(["", "Web", "a_b", "web/", "web//x", "/x", "web:80", "*.example.org"])("are not written as %j", (route) => {
    expect(
      environmentFaults({ domain: "dev.localhost", services: { web: { ...routed, routes: [route] } } }),
    ).toStrictEqual([
      `services.web.routes[0]: must be a host with or without a path, such as "website", "website/api", "@" or "www.example.org", or an object such as { at: "website/admin", maxBodyMb: 8 }, got "${route}"`,
    ]);
  });

  it("are a list", () => {
    expect(
      environmentFaults({ domain: "dev.localhost", services: { web: { ...routed, routes: "www" } } }),
    ).toStrictEqual(['services.web.routes: must be a list of routes, got "www"']);
  });

  it("lead to one service each, however they are written", () => {
    const services = {
      web: { ...routed, routes: ["www", "@/api"] },
      api: { ...routed, routes: ["dev.localhost/api", "www.dev.localhost", "@"] },
    };
    expect(environmentFaults({ domain: "dev.localhost", services })).toStrictEqual([
      "services.api.routes[0]: must lead where no other route does, got dev.localhost/api, as has services.web.routes[1]",
      "services.api.routes[1]: must lead where no other route does, got www.dev.localhost/, as has services.web.routes[0]",
    ]);
  });

  it("make a host of at most 253 characters", () => {
    const domain = ["a", "b", "c"].map((letter) => letter.repeat(63)).join(".") + "." + "d".repeat(61);
    const services = { web: { ...routed, routes: ["@", "x"] } };
    expect(domain.length).toBe(253);
    expect(environmentFaults({ domain, services })).toStrictEqual([
      "services.web.routes[1]: must make a host of at most 253 characters, got 255 characters",
    ]);
  });
});

describe("an environment", () => {
  const none = { domain: "dev.localhost", services: {} };
  const HOST_RULE = "must be the address of an engine: unix:///path/to/socket, tcp://host:port or ssh://user@host";

  it.each<[object, string]>([
    [{ ...none, service: {} }, 'service: is no setting of an environment, did you mean "services"?'],
    [{ ...none, sealed: "no" }, 'sealed: must be true or false, got "no"'],
    [{ ...none, keepData: 0 }, "keepData: must be true or false, got 0"],
    [{ domain: "dev.localhost" }, "services: must be an object of services by name, got nothing"],
    [
      { ...none, services: { web: "web" } },
      'services.web: must be an object with the settings of a service, got "web"',
    ],
    [{ ...none, volumes: ["a"] }, "volumes: must be an object of volumes by name, got a list"],
    [{ ...none, volumes: { a: true } }, "volumes.a: must be an object with the settings of a volume, got true"],
    [
      { ...none, volumes: { a: { path: "x" } } },
      "volumes.a.path: is no setting of a volume; there are: mode, owner, package, readOnly, shareFrom",
    ],
    [{ ...none, volumes: { a: { package: "" } } }, 'volumes.a.package: must be a path relative to the project, got ""'],
    [{ ...none, target: "docker" }, 'target: must be an object with the settings of a target, got "docker"'],
    [{ ...none, target: { kind: "nomad" } }, 'target.kind: must be "docker", got "nomad"'],
    [{ ...none, target: { host: "unix:///x" } }, 'target.kind: must be "docker", got nothing'],
  ])("%j is a fault", (environment, fault) => {
    expect(environmentFaults(environment)).toContain(fault);
  });

  it.each(["example.org", "http://x", "tcp://x", "unix://x/y", "ssh://"])("does not run at %s", (host) => {
    expect(environmentFaults({ ...none, target: { kind: "docker", host } })).toStrictEqual([
      `target.host: ${HOST_RULE}, got "${host}"`,
    ]);
  });

  it.each(["", "Dev.localhost", "a..b", "-a.org", "a_b.org", "10.0.0.1", `${"a".repeat(64)}.org`])(
    "does not stand under the domain %j",
    (domain) => {
      expect(environmentFaults({ domain, services: {} })).toStrictEqual([
        `domain: must be a DNS name in lower case, such as dev.localhost or example.org, got "${domain}"`,
      ]);
    },
  );

  it("stands under a domain of at most 253 characters", () => {
    const domain = `${"a.".repeat(126)}bc`;
    expect(domain.length).toBe(254);
    expect(environmentFaults({ domain, services: {} })).toStrictEqual([
      `domain: must be a DNS name in lower case, such as dev.localhost or example.org, got "${domain.slice(0, 80)}…"`,
    ]);
  });

  it("is an object", () => {
    // @ts-expect-error -- what a stack file without types may hand over
    expect(faultsOf(() => defineEnvironment(3))).toStrictEqual([
      ": must be an object with the settings of an environment, got 3",
    ]);
  });

  it("shows all its faults at once, of every kind, below a headline", () => {
    const environment: object = {
      domain: "dev.localhost",
      services: {
        web: { build: "web", prot: 80, routes: ["www"], memoryMb: "1g", env: { API: link("aip") } },
        api: { build: "nowhere", port: 0, routes: ["www"], health: { path: "/" } },
        worker: { mounts: { date: "/data" } },
      },
      volumes: { data: {} },
    };
    expect(errorOf(() => defineEnvironment(environment as EnvironmentInput, { root })).message)
      .toBe(`10 faults in the specification:
  services.api.build: must be a directory of the project, got "nowhere"; ${root}/nowhere is none
  services.api.port: must be an integer from 1 to 65535, got 0
  services.api.routes[0]: must lead where no other route does, got www.dev.localhost/, as has services.web.routes[0]
  services.web.env.API: must link to a service of this environment, got "aip", did you mean "api"? There are: api, web, worker
  services.web.health: must be set for a service with routes, got nothing; add the path that tells whether the program works, such as { path: "/" }
  services.web.memoryMb: must be an integer from 16 to 1048576 (MiB), got "1g"
  services.web.port: must be set for a service with routes, got nothing
  services.web.prot: is no setting of a service, did you mean "port"?
  services.worker: must set either build or image, got neither
  services.worker.mounts.date: must be a volume of this environment, got "date", did you mean "data"? There are: data`);
  });
});
