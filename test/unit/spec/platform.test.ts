import { expect, expectTypeOf, it } from "vitest";
import type { z } from "zod";
import {
  definePlatform,
  generated,
  type Platform,
  type PlatformInput,
  secret,
} from "../../../components/spec/index.ts";
import type { platformShape } from "../../../components/spec/platform-shape.ts";
import { faultsOf } from "./project.ts";

const bucket = {
  ...{ bucket: "images", region: "eu-west-1", endpoint: "https://s3.example.org" },
  ...{ accessKeyId: secret("keyId"), secretAccessKey: secret("key") },
};

function platformFaults(platform: object): string[] {
  return faultsOf(() => definePlatform(platform as PlatformInput));
}

it("fills in every default", () => {
  expect(definePlatform({ domain: "localhost" })).toStrictEqual<Platform>({
    kind: "platform",
    target: { kind: "docker", host: undefined },
    domain: "localhost",
    ports: { http: 8080, https: 8443, status: 8404 },
    registry: { port: 5000, host: undefined, s3: undefined, keep: { count: 10, days: 30 } },
    bases: {},
    supervisor: true,
    acme: undefined,
  });
});

it("keeps what is set", () => {
  const input: PlatformInput = {
    target: { kind: "docker", host: "unix:///run/docker.sock" },
    domain: "example.org",
    ports: { http: 80 },
    registry: { port: 5001, host: "registry.example.org", s3: bucket, keep: { count: 0, days: 7 } },
    supervisor: false,
    acme: { email: "ops@example.org", directory: "https://acme.example.org/directory" },
  };
  expect(definePlatform(input)).toStrictEqual({
    kind: "platform",
    ...input,
    bases: {},
    ports: { http: 80, https: 8443, status: 8404 },
  });
});

it.each<[object, string]>([
  [{ domain: "localhost", port: 80 }, 'port: is no setting of a platform, did you mean "ports"?'],
  [{}, "domain: must be a DNS name in lower case, such as dev.localhost or example.org, got nothing"],
  [{ domain: "localhost", acme: { email: "ops" } }, 'acme.email: must be an e-mail address, got "ops"'],
  [
    { domain: "localhost", acme: { email: "a@b.org", directory: "http://acme" } },
    'acme.directory: must be the https address of an ACME directory, got "http://acme"',
  ],
  [{ domain: "localhost", ports: 80 }, "ports: must be an object with the settings of ports, got 80"],
  [{ domain: "localhost", ports: { http: 0 } }, "ports.http: must be an integer from 1 to 65535, got 0"],
  [{ domain: "localhost", ports: { https: "1" } }, 'ports.https: must be an integer from 1 to 65535, got "1"'],
  [
    { domain: "localhost", ports: { environments: { first: 8500, last: 8499 } } },
    "ports.environments: must be 1 to 100 ports, the first one first, got an object",
  ],
  [
    { domain: "localhost", ports: { environments: { first: 8500, last: 8600 } } },
    "ports.environments: must be 1 to 100 ports, the first one first, got an object",
  ],
  [
    { domain: "localhost", ports: { https: 8501, environments: { first: 8500, last: 8502 } } },
    "ports.environments: must be ports of their own, got 8501, as has ports.https",
  ],
  [
    { domain: "localhost", ports: { environments: { first: 9998, last: 9998 } } },
    "ports.environments: must be ports of their own, got 9998, as has the proxy itself",
  ],
  [{ domain: "localhost", ports: { htps: 1 } }, 'ports.htps: is no setting of ports, did you mean "https"?'],
  [{ domain: "localhost", supervisor: "no" }, 'supervisor: must be true or false, got "no"'],
  [{ domain: "localhost", registry: 5000 }, "registry: must be an object with the settings of a registry, got 5000"],
  [{ domain: "localhost", registry: { port: 70000 } }, "registry.port: must be an integer from 1 to 65535, got 70000"],
  [
    { domain: "localhost", registry: { s3: { ...bucket, accessKeyId: "AKIA" } } },
    'registry.s3.accessKeyId: must be secret("…"), generated("…") or secretFile("…"); a password has no place in a file of the project',
  ],
  [
    { domain: "localhost", registry: { s3: { ...bucket, secretAccessKey: generated("key") } } },
    'registry.s3.secretAccessKey: must be secret("…") or secretFile("…"), the key that the server has given out, got an object',
  ],
  [
    { domain: "localhost", registry: { s3: { ...bucket, endpoint: "s3.example.org" } } },
    'registry.s3.endpoint: must be the address of a server without a path, got "s3.example.org"',
  ],
  [
    { domain: "localhost", registry: { keep: { days: -1 } } },
    "registry.keep.days: must be an integer from 0 to 3650 (days), got -1",
  ],
  [
    { domain: "localhost", registry: { host: "https://registry.example.org" } },
    'registry.host: must be a DNS name in lower case, such as dev.localhost or example.org, got "https://registry.example.org"',
  ],
  [
    { domain: "localhost", ports: { http: 8443 } },
    "ports.https: must be a port of its own, got 8443, as has ports.http",
  ],
  [
    { domain: "localhost", ports: { status: 8443 } },
    "ports.status: must be a port of its own, got 8443, as has ports.https",
  ],
  [
    { domain: "localhost", registry: { port: 8080 } },
    "registry.port: must be a port of its own, got 8080, as has ports.http",
  ],
])("%j is a fault", (platform, fault) => {
  expect(platformFaults(platform)).toStrictEqual([fault]);
});

it("shows all its faults at once", () => {
  const platform = { target: { kind: "x" }, domain: "A", ports: { http: 0, https: 5000 }, registy: {} };
  expect(platformFaults(platform)).toStrictEqual([
    'domain: must be a DNS name in lower case, such as dev.localhost or example.org, got "A"',
    "ports.http: must be an integer from 1 to 65535, got 0",
    "registry.port: must be a port of its own, got 5000, as has ports.https",
    'registy: is no setting of a platform, did you mean "registry"?',
    'target.kind: must be "docker", got "x"',
  ]);
});

it("has the settings that its checks have", () => {
  expectTypeOf<PlatformInput>().toExtend<z.input<typeof platformShape>>();
  expectTypeOf<keyof z.input<typeof platformShape>>().toEqualTypeOf<keyof PlatformInput>();
});
