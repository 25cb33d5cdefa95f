import { describe, expect, it } from "vitest";
import { defineEnvironment, type EnvironmentInput, link, secret, secretFile } from "../../../components/spec/index.ts";
import { faultsOf, makeProject } from "./project.ts";

const root = makeProject();
const DIGEST = `sha256:${"0".repeat(64)}`;
const NAME_RULE =
  "must be a name of at most 24 lower-case letters, digits and hyphens that begins with a letter and does not end with a hyphen";

/** Takes what a stack file written without an editor may hold. */
function environmentFaults(environment: object): string[] {
  return faultsOf(() => defineEnvironment(environment as EnvironmentInput, { root }));
}

function serviceFaults(settings: object, others: object = {}): string[] {
  const services = { web: { build: "web", port: 8080, ...settings }, ...others };
  return environmentFaults({ domain: "dev.localhost", services, volumes: { data: {}, logs: {} } });
}

describe("one setting of a service", () => {
  it.each<[object, string]>([
    [{ prot: 1 }, 'services.web.prot: is no setting of a service, did you mean "port"?'],
    [{ drainMs: 500 }, 'services.web.drainMs: is no setting of a service, did you mean "drainSeconds"?'],
    [
      { volumes: {} },
      "services.web.volumes: is no setting of a service; there are: before, build, cpus, database, drainSeconds, env, exclusive, gateSeconds, health, image, memoryMb, mounts, pidsLimit, port, relax, replicas, rolling, routes, secrets, steadySeconds, sticky, stopSeconds, user, waitsFor",
    ],
    [{ port: 0 }, "services.web.port: must be an integer from 1 to 65535, got 0"],
    [{ port: 65536 }, "services.web.port: must be an integer from 1 to 65535, got 65536"],
    [{ port: 80.5 }, "services.web.port: must be an integer from 1 to 65535, got 80.5"],
    [{ port: "8080" }, 'services.web.port: must be an integer from 1 to 65535, got "8080"'],
    [{ port: null }, "services.web.port: must be an integer from 1 to 65535, got null"],
    [{ replicas: 0 }, "services.web.replicas: must be an integer from 1 to 50, got 0"],
    [{ replicas: 51 }, "services.web.replicas: must be an integer from 1 to 50, got 51"],
    [{ memoryMb: 15 }, "services.web.memoryMb: must be an integer from 16 to 1048576 (MiB), got 15"],
    [{ memoryMb: "256m" }, 'services.web.memoryMb: must be an integer from 16 to 1048576 (MiB), got "256m"'],
    [{ cpus: 0 }, "services.web.cpus: must be a number from 0.01 to 1024, got 0"],
    [{ cpus: 1025 }, "services.web.cpus: must be a number from 0.01 to 1024, got 1025"],
    [{ pidsLimit: 0 }, "services.web.pidsLimit: must be an integer from 1 to 4194304, got 0"],
    [{ drainSeconds: -1 }, "services.web.drainSeconds: must be an integer from 0 to 3600 (seconds), got -1"],
    [{ gateSeconds: 0 }, "services.web.gateSeconds: must be an integer from 1 to 3600 (seconds), got 0"],
    [{ stopSeconds: 0 }, "services.web.stopSeconds: must be an integer from 1 to 3600 (seconds), got 0"],
    [{ stopSeconds: "10s" }, 'services.web.stopSeconds: must be an integer from 1 to 3600 (seconds), got "10s"'],
    [{ user: "node" }, 'services.web.user: must be numeric, such as "1000" or "1000:1000", got "node"'],
    [{ user: 1000 }, 'services.web.user: must be numeric, such as "1000" or "1000:1000", got 1000'],
    [{ env: ["A=1"] }, "services.web.env: must be an object of environment variables by name, got a list"],
    [
      { env: { A: 1 } },
      'services.web.env.A: must be text, link("…"), secret("…"), generated("…") or secretFile("…"), got 1; put quotes around numbers',
    ],
    [
      { secrets: { key: "hunter2" } },
      'services.web.secrets.key: must be secret("…"), generated("…") or secretFile("…"); a password has no place in a file of the project',
    ],
    [
      { secrets: { key: secretFile("../key") } },
      'services.web.secrets.key: must be named with up to 100 letters, digits and ._-, got "../key"',
    ],
    [{ env: { KEY: secret("a-b") } }, 'services.web.env.KEY: must be named with 1 to 40 letters and digits, got "a-b"'],
    [
      { secrets: { "key.previous": secret("key") } },
      'services.web.secrets["key.previous"]: must be named with up to 100 letters, digits and ._-, not ending with .previous, got "key.previous"',
    ],
    [
      { secrets: { key: secret("key") }, mounts: { data: "/run/secrets/more" } },
      'services.web.mounts.data: must not lie in /run/secrets, where the secrets are, got "/run/secrets/more"',
    ],
    [{ mounts: "data" }, 'services.web.mounts: must be an object of paths in the container by volume, got "data"'],
    [
      { relax: { root: true } },
      "services.web.relax.root: is no setting of relax; there are: allowRoot, capabilities, hostDirectories, writableRootFilesystem",
    ],
    [{ relax: { allowRoot: "yes" } }, 'services.web.relax.allowRoot: must be true or false, got "yes"'],
    [
      { relax: { writableRootFilesystem: 1 } },
      "services.web.relax.writableRootFilesystem: must be true or false, got 1",
    ],
    [{ relax: { capabilities: "ALL" } }, 'services.web.relax.capabilities: must be a list of capabilities, got "ALL"'],
    [
      { relax: { capabilities: ["SYS_ADMIN"] } },
      'services.web.relax.capabilities[0]: must be one of AUDIT_WRITE, CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, MKNOD, NET_BIND_SERVICE, NET_RAW, SETFCAP, SETGID, SETPCAP, SETUID, SYS_CHROOT, got "SYS_ADMIN"',
    ],
    [{ health: "/fr" }, 'services.web.health: must be an object with the settings of a health check, got "/fr"'],
    [
      { health: { path: "fr" } },
      'services.web.health.path: must be a path that begins with / and has no spaces, quotes or fragments, got "fr"',
    ],
    [
      { health: { path: "/", host: "A b" } },
      'services.web.health.host: must be a DNS name in lower case, such as dev.localhost or example.org, got "A b"',
    ],
    [
      { health: { path: "/", everySeconds: 0 } },
      "services.web.health.everySeconds: must be an integer from 1 to 300 (seconds), got 0",
    ],
    [
      { health: { path: "/", timeoutSeconds: 61 } },
      "services.web.health.timeoutSeconds: must be an integer from 1 to 60 (seconds), got 61",
    ],
    [{ health: { path: "/", failures: 11 } }, "services.web.health.failures: must be an integer from 1 to 10, got 11"],
    [
      { health: { path: "/", intervalMs: 3 } },
      "services.web.health.intervalMs: is no setting of a health check; there are: command, everySeconds, failures, host, path, timeoutSeconds",
    ],
  ])("%j is a fault", (settings, fault) => {
    expect(serviceFaults(settings)).toStrictEqual([fault]);
  });

  it.each(["data", "/", "/a/../b", "/data/", "/a b", "/a:b"])("mounts nothing at %j", (path) => {
    expect(serviceFaults({ mounts: { data: path } })).toStrictEqual([
      `services.web.mounts.data: must be an absolute path in the container, such as "/data", got "${path}"`,
    ]);
  });
});

describe("what a service runs", () => {
  it.each(["nginx", "nginx:1.27", "nginx@sha256:12", `Nginx@${DIGEST}`])("is not the image %s", (image) => {
    expect(serviceFaults({ build: undefined, image })).toStrictEqual([
      `services.web.image: must be an image by digest, name@sha256:…, got "${image}"; a tag can be moved to other content, a digest cannot; docker pull prints it`,
    ]);
  });

  it("is not both built and pulled", () => {
    expect(serviceFaults({ image: `nginx@${DIGEST}` })).toStrictEqual([
      "services.web: must set either build or image, got both",
    ]);
  });

  it("is either built or pulled", () => {
    expect(serviceFaults({ build: undefined })).toStrictEqual([
      "services.web: must set either build or image, got neither",
    ]);
  });

  it.each<[object | string | number, string]>([
    ["", 'build: must be a directory of the project, or an object such as { context: "web", target: "prod" }, got ""'],
    [3, 'build: must be a directory of the project, or an object such as { context: "web", target: "prod" }, got 3'],
    [{}, "build.context: must be a path relative to the project, got nothing"],
    [{ context: "web", dockerfile: " " }, 'build.dockerfile: must be a path relative to the context, got " "'],
    [{ context: "web", target: "a b" }, 'build.target: must be the name of a stage in the Dockerfile, got "a b"'],
    [{ context: "web", args: ["A"] }, "build.args: must be an object of build arguments by name, got a list"],
    [{ context: "web", args: { A: 1 } }, 'build.args.A: must be text or base("…"), got 1; put quotes around numbers'],
    [{ context: "web", arg: {} }, 'build.arg: is no setting of a build, did you mean "args"?'],
  ])("is not built from %j", (build, fault) => {
    expect(serviceFaults({ build })).toContain(`services.web.${fault}`);
  });
});

describe("how a service goes with the rest", () => {
  it("needs a port and a health check for its routes", () => {
    expect(serviceFaults({ port: undefined, routes: ["www"] })).toStrictEqual([
      'services.web.health: must be set for a service with routes, got nothing; add the path that tells whether the program works, such as { path: "/" }',
      "services.web.port: must be set for a service with routes, got nothing",
    ]);
  });

  it("needs a port for its health check", () => {
    expect(serviceFaults({ port: undefined, health: { path: "/" } })).toStrictEqual([
      "services.web.port: must be set for a service with health.path, got nothing",
    ]);
  });

  it.each<[object, string]>([
    [{ health: {} }, "health: must set either path or command, got neither"],
    [{ health: { path: "/", command: ["true"] } }, "health: must set either path or command, got both"],
    [{ health: { command: ["true"], host: "a.b" } }, "health.host: must not be set without health.path"],
    [{ health: { command: [] } }, 'health.command: must be a list such as ["node", "check.js"], got a list'],
    [
      { health: { path: "/" }, steadySeconds: 1 },
      "steadySeconds: must not be set with health, which decides when a container works",
    ],
    [{ exclusive: true, replicas: 2 }, "exclusive: must have replicas: 1, got 2: only one container may run at a time"],
    [{ exclusive: true, rolling: 1 }, "rolling: must not be set with exclusive, which replaces the only container"],
    [{ rolling: 3, replicas: 2 }, "rolling: must be at most replicas = 2, got 3"],
    [{ sticky: true }, "sticky: must have routes: only a client from outside keeps the cookie"],
  ])("refuses %j", (settings, fault) => {
    expect(serviceFaults(settings)).toStrictEqual([`services.web.${fault}`]);
  });

  it.each(["1ST", "MY-VAR", ""])("refuses the variable %j", (name) => {
    const path = name === "MY-VAR" ? "services.web.env.MY-VAR" : `services.web.env["${name}"]`;
    expect(serviceFaults({ env: { [name]: "x" } })).toStrictEqual([
      `${path}: must be named with letters, digits and _, not beginning with a digit, got "${name}"`,
    ]);
  });

  it("refuses a link to a service that is not there, and lists those that are", () => {
    expect(serviceFaults({ env: { API: link("apy") } }, { api: { build: "web", port: 1 } })).toStrictEqual([
      'services.web.env.API: must link to a service of this environment, got "apy", did you mean "api"? There are: api, web',
    ]);
    expect(serviceFaults({ env: { API: link("toString") } })).toStrictEqual([
      'services.web.env.API: must link to a service of this environment, got "toString"; there are: web',
    ]);
  });

  it("refuses a link to a service without a port", () => {
    expect(serviceFaults({ env: { QUEUE: link("worker") } }, { worker: { build: "web" } })).toStrictEqual([
      'services.web.env.QUEUE: must link to a service with a port, got "worker", which has none; set services.worker.port',
    ]);
  });

  it("refuses a mount of a volume that is not there, and lists those that are", () => {
    expect(serviceFaults({ mounts: { cache: "/cache" } })).toStrictEqual([
      'services.web.mounts.cache: must be a volume of this environment, got "cache"; there are: data, logs',
    ]);
  });

  it("suggests no name that has nothing in common with the wrong one", () => {
    expect(serviceFaults({ env: { A: link("a") } }, { b: { build: "web", port: 1 } })).toStrictEqual([
      'services.web.env.A: must link to a service of this environment, got "a"; there are: b, web',
    ]);
  });

  it("refuses two volumes at one path", () => {
    expect(serviceFaults({ mounts: { data: "/data", logs: "/data" } })).toStrictEqual([
      'services.web.mounts.logs: must have a path of its own, got "/data", as has services.web.mounts.data',
    ]);
  });

  it.each(["0", "0:0", "00:1000"])("refuses root, here as %s", (user) => {
    expect(serviceFaults({ user })).toStrictEqual([
      `services.web.user: must not be root, got "${user}"; relax: { allowRoot: true } permits it`,
    ]);
  });

  it.each(["Web", "web_1", "-web", "web-", "a".repeat(25), ""])("refuses the name %j", (name) => {
    const path = /^\w[\w-]*$/.test(name) ? `.${name}` : `["${name}"]`;
    const named = { domain: "dev.localhost", services: { [name]: { build: "web" } }, volumes: { [name]: {} } };
    expect(environmentFaults(named)).toStrictEqual([
      `services${path}: ${NAME_RULE}, got "${name}"`,
      `volumes${path}: ${NAME_RULE}, got "${name}"`,
    ]);
  });
});
