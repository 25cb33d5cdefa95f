import { describe, expect, expectTypeOf, it } from "vitest";
import type { z } from "zod";
import {
  type AccessInput,
  defineEnvironment,
  type EnvironmentInput,
  generated,
  type RouteInput,
  secret,
} from "../../../components/spec/index.ts";
import type { accessShape, routeSettings } from "../../../components/spec/route-shape.ts";
import { faultsOf, makeProject } from "./project.ts";

const root = makeProject();
const users = { alice: secret("alicePassword"), "qa@example.org": generated("reviewer") };

function define(routes: unknown[], more: object = {}) {
  const web = { build: "web", port: 80, health: { path: "/" }, routes };
  const environment: object = { domain: "dev.localhost", services: { web }, ...more };
  return defineEnvironment(environment as EnvironmentInput, { root });
}

describe("a route with settings of its own", () => {
  it("keeps them, users sorted", () => {
    const route = { at: "website/admin", maxBodyMb: 8, allow: ["10.0.0.0/8", "2001:db8::1"], users };
    expect(define([route]).services.web?.routes).toStrictEqual([
      {
        host: "website.dev.localhost",
        port: undefined,
        path: "/admin",
        maxBodyMb: 8,
        allow: ["10.0.0.0/8", "2001:db8::1"],
        users: {
          alice: { kind: "secret", name: "alicePassword", from: "configuration" },
          "qa@example.org": { kind: "secret", name: "reviewer", from: "generator" },
        },
      },
    ]);
  });

  it.each<[object, string]>([
    [
      { at: "Web" },
      '.at: must be a host with or without a path, such as "website", "website/api", "@" or "www.example.org", got "Web"',
    ],
    [{ at: "a", maxBodyMB: 1 }, '.maxBodyMB: is no setting of a route, did you mean "maxBodyMb"?'],
    [{ at: "a", maxBodyMb: 0 }, ".maxBodyMb: must be an integer from 1 to 1048576 (MiB), got 0"],
    [{ at: "a", allow: "10.0.0.1" }, '.allow: must be a list of addresses, got "10.0.0.1"'],
    [{ at: "a", allow: [] }, ".allow: must hold at least one address, got a list; without it every address is allowed"],
    [
      { at: "a", allow: ["10.0.0.0/33"] },
      '.allow[0]: must be an address or a network, such as 192.0.2.7, 10.0.0.0/8 or 2001:db8::/32, got "10.0.0.0/33"',
    ],
    [
      { at: "a", allow: ["all"] },
      '.allow[0]: must be an address or a network, such as 192.0.2.7, 10.0.0.0/8 or 2001:db8::/32, got "all"',
    ],
    [{ at: "a", users: {} }, ".users: must name at least one user, got an object; without it nobody is asked"],
    [{ at: "a", users: ["alice"] }, ".users: must be an object of secrets by user name, got a list"],
    [
      { at: "a", users: { alice: "hunter2" } },
      '.users.alice: must be secret("…"), generated("…") or secretFile("…"); a password has no place in a file of the project',
    ],
    [{ at: "a", users: { "a:b": secret("x") } }, '.users["a:b"]: must be named with 1 to 64 letters, digits and ._@-'],
    [
      { at: "a", users: { alice: secret("a b") } },
      '.users.alice: must be named with 1 to 40 letters and digits, got "a b"',
    ],
    [{ at: "a", public: 1 }, ".public: must be true or false, got 1"],
    [{ at: "a", public: true, users }, ": must not set both public and users: public lets everyone in"],
    [{ at: "a", public: true, allow: ["::1"] }, ": must not set both public and allow: public lets everyone in"],
  ])("%j is a fault", (route, fault) => {
    expect(faultsOf(() => define([route]))).toStrictEqual([`services.web.routes[0]${fault}`]);
  });

  it("leads where no other does", () => {
    expect(faultsOf(() => define(["a/b", { at: "a/b", maxBodyMb: 1 }]))).toStrictEqual([
      "services.web.routes[1]: must lead where no other route does, got a.dev.localhost/b, as has services.web.routes[0]",
    ]);
  });
});

describe("the access of an environment", () => {
  it("is taken by every route, in what it does not say itself, unless it is public", () => {
    const access = { allow: ["10.0.0.0/8"], users: { bob: secret("bob") } };
    const routes = [
      "a",
      { at: "b", allow: ["::1"] },
      { at: "c", users: { eve: secret("eve") } },
      { at: "d", public: true },
    ];
    const bob = { bob: secret("bob") };
    const taken = define(routes, { access }).services.web?.routes.map(({ allow, users: may }) => ({
      allow,
      users: may,
    }));
    expect(taken).toStrictEqual([
      { allow: ["10.0.0.0/8"], users: bob },
      { allow: ["::1"], users: bob },
      { allow: ["10.0.0.0/8"], users: { eve: secret("eve") } },
      { allow: undefined, users: undefined },
    ]);
  });

  it.each([
    [{ deny: [] }, "access.deny: is no setting of access; there are: allow, users"],
    [
      { allow: ["x"] },
      'access.allow[0]: must be an address or a network, such as 192.0.2.7, 10.0.0.0/8 or 2001:db8::/32, got "x"',
    ],
    [true, "access: must be an object with the settings of access, got true"],
  ])("%j is a fault", (access, fault) => {
    expect(faultsOf(() => define(["a"], { access }))).toStrictEqual([fault]);
  });
});

it("refuses in the editor what the checks refuse", () => {
  expectTypeOf<RouteInput>().toExtend<z.input<typeof routeSettings>>();
  expectTypeOf<keyof z.input<typeof routeSettings>>().toEqualTypeOf<keyof RouteInput>();
  expectTypeOf<AccessInput>().toExtend<z.input<typeof accessShape>>();
  expectTypeOf<keyof z.input<typeof accessShape>>().toEqualTypeOf<keyof AccessInput>();
});
