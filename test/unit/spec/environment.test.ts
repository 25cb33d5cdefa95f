import { join } from "node:path";
import { expect, expectTypeOf, it } from "vitest";
import type { z } from "zod";
import type { environmentShape } from "../../../components/spec/environment-shape.ts";
import {
  defineEnvironment,
  type Environment,
  type EnvironmentInput,
  link,
  type ServiceInput,
} from "../../../components/spec/index.ts";
import type { serviceShape } from "../../../components/spec/service-shape.ts";
import { makeProject } from "./project.ts";

/** A route on which everything may come in. */
const OPEN = { port: undefined, maxBodyMb: undefined, allow: undefined, users: undefined };
const root = makeProject();
const IMAGE = `ghcr.io/acme/api:1.2@sha256:${"a".repeat(64)}`;

it("fills in every default", () => {
  const environment = defineEnvironment({ domain: "dev.localhost", services: { worker: { build: "web" } } }, { root });
  expect(environment).toStrictEqual<Environment>({
    kind: "environment",
    target: { kind: "docker", host: undefined },
    domain: "dev.localhost",
    sealed: false,
    keepData: true,
    port: undefined,
    keepReleases: 5,
    certificate: { kind: "private" },
    databases: {},
    services: {
      worker: {
        source: {
          kind: "build",
          context: join(root, "web"),
          dockerfile: join(root, "web/Dockerfile"),
          target: undefined,
          args: {},
          secrets: {},
          platform: undefined,
          cache: false,
        },
        port: undefined,
        routes: [],
        replicas: 1,
        sticky: false,
        rolling: undefined,
        exclusive: false,
        env: {},
        secrets: {},
        database: undefined,
        mounts: [],
        health: undefined,
        steadySeconds: 3,
        memoryMb: 256,
        cpus: 0.5,
        pidsLimit: 200,
        user: undefined,
        before: [],
        waitsFor: [],
        drainSeconds: 30,
        gateSeconds: 60,
        stopSeconds: 10,
        relax: { writableRootFilesystem: false, capabilities: [], allowRoot: false, hostDirectories: [] },
      },
    },
    jobs: {},
    volumes: {},
  });
});

it("keeps what is set, resolves paths, routes and links, and sorts by name", () => {
  const environment = defineEnvironment(
    {
      target: { kind: "docker", host: "ssh://deploy@example.org:2222" },
      domain: "example.org",
      sealed: true,
      services: {
        web: {
          build: { context: "web", dockerfile: "prod.Dockerfile", target: "run", args: { B: "2", A: "1" } },
          port: 8080,
          routes: ["website"],
          replicas: 3,
          sticky: true,
          rolling: 2,
          env: { X: "1", API: link("api") },
          mounts: { logs: "/var/log/web", articles: "/data" },
          health: { path: "/fr?quick=1", everySeconds: 2, timeoutSeconds: 1, failures: 5 },
          memoryMb: 512,
          cpus: 1.5,
          pidsLimit: 50,
          user: "0:0",
          drainSeconds: 0,
          gateSeconds: 5,
          stopSeconds: 1,
          relax: {
            writableRootFilesystem: true,
            capabilities: ["SETUID", "CHOWN", "SETUID"],
            allowRoot: true,
          },
        },
        api: { image: IMAGE, port: 3000, env: { WEB: link("web") } },
      },
      volumes: { logs: {}, articles: { package: "content" } },
    },
    { root },
  );
  expect(Object.keys(environment.services)).toStrictEqual(["api", "web"]);
  expect(environment.target).toStrictEqual({ kind: "docker", host: "ssh://deploy@example.org:2222" });
  expect(environment.sealed).toBe(true);
  expect(environment.volumes).toStrictEqual({
    articles: { kind: "package", directory: join(root, "content") },
    logs: { kind: "data" },
  });
  expect(environment.services.api?.source).toStrictEqual({ kind: "image", reference: IMAGE });
  expect(environment.services.api?.env).toStrictEqual({ WEB: { kind: "link", service: "web", port: 8080 } });
  const web = environment.services.web;
  expect(Object.entries(web?.env ?? {})).toStrictEqual([
    ["API", { kind: "link", service: "api", port: 3000 }],
    ["X", "1"],
  ]);
  expect(web).toStrictEqual({
    before: [],
    waitsFor: [],
    database: undefined,
    secrets: {},
    source: {
      kind: "build",
      context: join(root, "web"),
      dockerfile: join(root, "web/prod.Dockerfile"),
      target: "run",
      args: { A: "1", B: "2" },
      secrets: {},
      platform: undefined,
      cache: false,
    },
    port: 8080,
    routes: [{ ...OPEN, host: "website.example.org", path: "/" }],
    replicas: 3,
    sticky: true,
    rolling: 2,
    exclusive: false,
    env: { API: { kind: "link", service: "api", port: 3000 }, X: "1" },
    mounts: [
      { kind: "volume", volume: "articles", path: "/data", readOnly: false },
      { kind: "volume", volume: "logs", path: "/var/log/web", readOnly: false },
    ],
    health: {
      kind: "http",
      path: "/fr?quick=1",
      host: "website.example.org",
      everySeconds: 2,
      timeoutSeconds: 1,
      failures: 5,
    },
    steadySeconds: undefined,
    memoryMb: 512,
    cpus: 1.5,
    pidsLimit: 50,
    user: "0:0",
    drainSeconds: 0,
    gateSeconds: 5,
    stopSeconds: 1,
    relax: { writableRootFilesystem: true, capabilities: ["CHOWN", "SETUID"], allowRoot: true, hostDirectories: [] },
  });
});

it.each([
  ["website", { host: "website.dev.localhost", path: "/" }],
  ["website/api/v1.2", { host: "website.dev.localhost", path: "/api/v1.2" }],
  ["@", { host: "dev.localhost", path: "/" }],
  ["@/api", { host: "dev.localhost", path: "/api" }],
  ["www.example.org", { host: "www.example.org", path: "/" }],
  ["www.example.org/shop", { host: "www.example.org", path: "/shop" }],
])("reads the route %s", (route, expected) => {
  const web: ServiceInput = { build: "web", port: 80, routes: [route], health: { path: "/" } };
  const environment = defineEnvironment({ domain: "dev.localhost", services: { web } }, { root });
  expect(environment.services.web?.routes).toStrictEqual([{ ...OPEN, ...expected }]);
  expect(environment.services.web?.health).toStrictEqual({
    kind: "http",
    path: "/",
    host: expected.host,
    everySeconds: 1,
    timeoutSeconds: 3,
    failures: 3,
  });
});

it("asks for the health of the host that is set before that of the first route", () => {
  const health = { path: "/", host: "health.example.org" };
  const web: ServiceInput = { build: "web", port: 80, routes: ["a", "b"], health };
  const environment = defineEnvironment({ domain: "dev.localhost", services: { web } }, { root });
  expect(environment.services.web?.health).toMatchObject({ host: "health.example.org" });
});

it("runs a command where a path does not tell whether the program works", () => {
  const services = { queue: { build: "web", health: { command: ["node", "alive.js"] } } };
  expect(defineEnvironment({ domain: "dev.localhost", services }, { root }).services.queue?.health).toStrictEqual({
    kind: "command",
    command: ["node", "alive.js"],
    everySeconds: 1,
    timeoutSeconds: 3,
    failures: 3,
  });
});

it("replaces the only container of an exclusive service in turn", () => {
  const services = { db: { build: "web", exclusive: true } };
  const { db } = defineEnvironment({ domain: "dev.localhost", services }, { root }).services;
  expect(db).toMatchObject({ exclusive: true, rolling: 1, replicas: 1 });
});

it("lets two services lead to different paths of one host, and share a volume", () => {
  const service = { build: "web", port: 80, health: { path: "/" }, mounts: { data: "/data" } };
  const services = { web: { ...service, routes: ["@"] }, api: { ...service, routes: ["@/api"] } };
  const environment = defineEnvironment({ domain: "example.org", services, volumes: { data: {} } }, { root });
  expect(environment.services.api?.routes).toStrictEqual([{ ...OPEN, host: "example.org", path: "/api" }]);
});

it("has one host and routes by path alone where it has a port of its own", () => {
  const service = { build: "web", port: 80, health: { path: "/" } };
  const define = (routes: string[]) =>
    defineEnvironment({ domain: "example.org", port: 8500, services: { web: { ...service, routes } } }, { root });

  expect(define(["@", "@/api"]).services.web?.routes).toStrictEqual([
    { ...OPEN, host: "example.org", port: 8500, path: "/" },
    { ...OPEN, host: "example.org", port: 8500, path: "/api" },
  ]);
  expect(() => define(["web"])).toThrow(
    'services.web.routes[0]: must be "@" or "@/path" in an environment with a port, which has one host, got "web"',
  );
});

it("takes the project that the program runs in as root", () => {
  const environment = defineEnvironment({
    domain: "dev.localhost",
    services: {},
    volumes: { tests: { package: "test" } },
  });
  expect(environment.volumes).toStrictEqual({ tests: { kind: "package", directory: join(process.cwd(), "test") } });
});

it("refuses in the editor what the checks refuse", () => {
  expectTypeOf(defineEnvironment).parameter(0).toEqualTypeOf<EnvironmentInput>();
  expectTypeOf(defineEnvironment).returns.toEqualTypeOf<Environment>();
  expectTypeOf<EnvironmentInput>().toExtend<z.input<typeof environmentShape>>();
  expectTypeOf<keyof z.input<typeof environmentShape>>().toEqualTypeOf<keyof EnvironmentInput>();
  expectTypeOf<keyof z.input<typeof serviceShape>>().toEqualTypeOf<keyof ServiceInput>();
  expectTypeOf<{ build: string; image: string }>().not.toExtend<ServiceInput>();
  expectTypeOf<{ port: number }>().not.toExtend<ServiceInput>();
  expectTypeOf<{ build: string; port: string }>().not.toExtend<ServiceInput>();

  // @ts-expect-error -- a wrong key is a compile error in the stack file
  const wrong: EnvironmentInput = { domain: "dev.localhost", services: { web: { build: "web", prot: 8080 } } };
  expect(() => defineEnvironment(wrong, { root })).toThrow(
    'services.web.prot: is no setting of a service, did you mean "port"?',
  );
});
