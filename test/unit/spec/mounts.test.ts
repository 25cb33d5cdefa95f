import { describe, expect, it } from "vitest";
import { defineEnvironment, generated, type EnvironmentInput } from "../../../components/spec/index.ts";
import { faultsOf, makeProject } from "./project.ts";

const root = makeProject();

function define(service: object, volumes: object = { data: {} }) {
  const web = { build: "web", ...service };
  return defineEnvironment({ domain: "dev.localhost", services: { web }, volumes } as EnvironmentInput, { root });
}
const faults = (service: object, volumes?: object) => faultsOf(() => define(service, volumes));

describe("what is mounted", () => {
  it("is a volume, a directory of the engine's machine or memory, sorted by name, as closed as it can be", () => {
    const { services } = define({
      mounts: {
        scratch: { path: "/scratch", sizeMb: 64 },
        own: { path: "/own", sizeMb: 1, mode: "0700", owner: "1000:1000" },
        photos: { path: "/photos", directory: "/srv/photos" },
        inbox: { path: "/inbox", directory: "/srv/inbox", readOnly: false },
        data: { path: "/data", readOnly: true },
      },
    });

    expect(services.web?.mounts).toStrictEqual([
      { kind: "volume", volume: "data", path: "/data", readOnly: true },
      { kind: "directory", directory: "/srv/inbox", path: "/inbox", readOnly: false },
      { kind: "memory", path: "/own", sizeMb: 1, mode: "0700", owner: "1000:1000" },
      { kind: "directory", directory: "/srv/photos", path: "/photos", readOnly: true },
      { kind: "memory", path: "/scratch", sizeMb: 64, mode: "1777", owner: undefined },
    ]);
  });

  it.each<[object, string]>([
    [{ data: { path: "data" } }, 'data.path: must be an absolute path in the container, such as "/data", got "data"'],
    [
      { data: { path: "/data", ro: true } },
      "data.ro: is no setting of a mount; there are: directory, mode, owner, path, readOnly, sizeMb",
    ],
    [{ data: 7 }, 'data: must be an absolute path in the container, such as "/data", got 7'],
    [
      { x: { path: "/x", directory: "srv" } },
      'x.directory: must be an absolute path on the engine\'s machine, such as "/srv/photos", got "srv"',
    ],
    [
      { x: { path: "/x", directory: "/srv/../etc" } },
      'x.directory: must be an absolute path on the engine\'s machine, such as "/srv/photos", got "/srv/../etc"',
    ],
    [{ x: { path: "/x", directory: "/srv/x", sizeMb: 1 } }, "x: must set either directory or sizeMb, got both"],
    [
      { x: { path: "/x", directory: "/srv/x", mode: "0700" } },
      "x.mode: must not be set without sizeMb: volumes.x.mode is for a volume",
    ],
    [{ x: { path: "/x", sizeMb: 8, readOnly: true } }, "x.readOnly: must not be set with sizeMb: memory begins empty"],
    [
      { x: { path: "/x", sizeMb: 256 } },
      "x.sizeMb: must be less than memoryMb = 256, against which it counts, got 256",
    ],
    [{ x: { path: "/x", sizeMb: 8, mode: "rwx" } }, 'x.mode: must be an octal mode, such as "0750", got "rwx"'],
    [{ x: { path: "/x" } }, 'x: must be a volume of this environment, got "x"; there are: data'],
    [
      { data: { path: "/d", directory: "/srv/d" } },
      'data: must have a name of its own, as it is no volume, got "data", as has volumes.data',
    ],
    [
      { data: "/d", x: { path: "/d", sizeMb: 8 } },
      'x: must have a path of its own, got "/d", as has services.web.mounts.data',
    ],
  ])("is refused when it is %j", (mounts, fault) => {
    expect(faults({ mounts })).toStrictEqual([`services.web.mounts.${fault}`]);
  });

  it.each([
    ["/", ", which holds /bin"],
    ["/run/docker.sock", ", which lies in /run"],
    ["/var/run/docker.sock", ", which lies in /var/run"],
    ["/var/lib/docker", ""],
    ["/var/lib/docker/volumes", ", which lies in /var/lib/docker"],
    ["/var/lib", ", which holds /var/lib/containerd"],
    ["/etc/shadow", ", which lies in /etc"],
    ["/proc", ""],
  ])("is not the machine's own %s, unless it is permitted by its name", (directory, reach) => {
    const mounts = { x: { path: "/x", directory } };

    expect(faults({ mounts })).toStrictEqual([
      `services.web.mounts.x.directory: must be no directory of the system, got "${directory}"${reach}: a container takes over the ` +
        `machine with that; relax: { hostDirectories: ["${directory}"] } permits it`,
    ]);
    expect(faults({ mounts, relax: { hostDirectories: ["/srv"] } })).toHaveLength(1);
    expect(define({ mounts, relax: { hostDirectories: [directory] } }).services.web?.relax.hostDirectories).toEqual([
      directory,
    ]);
  });

  it.each(["/srv/photos", "/home/ship/x", "/var/log/app", "/var/libraries", "/etcetera"])("may be %s", (directory) => {
    expect(define({ mounts: { x: { path: "/x", directory } } }).services.web?.mounts).toHaveLength(1);
  });
});

describe("a volume", () => {
  it("belongs to whom it says, or is another stack's, then read-only", () => {
    const { volumes } = define(
      {},
      {
        own: { owner: "1000:1000", mode: "0750" },
        plain: {},
        read: { shareFrom: "prod/uploads" },
        write: { shareFrom: "prod/uploads", readOnly: false },
      },
    );

    expect(volumes).toStrictEqual({
      own: { kind: "data", owner: "1000:1000", mode: "0750" },
      plain: { kind: "data" },
      read: { kind: "shared", stack: "prod", volume: "uploads", readOnly: true },
      write: { kind: "shared", stack: "prod", volume: "uploads", readOnly: false },
    });
  });

  it.each<[object, string]>([
    [{ owner: "www-data" }, 'owner: must be numeric, such as "1000" or "1000:1000", got "www-data"'],
    [
      { package: "content", owner: "1" },
      "owner: must not be set with package, whose content is delivered for everyone to read",
    ],
    [
      { package: "content", shareFrom: "a/b" },
      "shareFrom: must not be set with package, whose content is delivered for everyone to read",
    ],
    [{ shareFrom: "a/b", mode: "0700" }, "mode: must not be set with shareFrom: the other stack decides"],
    [{ shareFrom: "prod" }, 'shareFrom: must be a stack and its volume, such as "prod/uploads", got "prod"'],
    [
      { readOnly: true },
      "readOnly: must not be set without shareFrom: say it of a mount, mounts: { … { path, readOnly } }",
    ],
  ])("is refused when it is %j", (volume, fault) => {
    expect(faults({}, { data: volume })).toStrictEqual([`volumes.data.${fault}`]);
  });
});

describe("the file of a secret", () => {
  const api = generated("api");

  it("belongs to whom it says", () => {
    const { services } = define({ secrets: { api: { secret: api, owner: "1000", mode: "0400" }, open: api } });

    expect(services.web?.secrets).toStrictEqual({ api: { ...api, owner: "1000", mode: "0400" }, open: api });
  });

  it.each<[object, string]>([
    [
      { secret: api, mode: "0400" },
      "owner: must be set with mode, got nothing: root would own the file, and the program is another user",
    ],
    [{ secret: api, owner: "www" }, 'owner: must be numeric, such as "1000" or "1000:1000", got "www"'],
    [{ secret: api, group: "1" }, "group: is no setting of a secret file; there are: mode, owner, secret"],
  ])("is refused when it is %j", (file, fault) => {
    expect(faults({ secrets: { api: file } })).toStrictEqual([`services.web.secrets.api.${fault}`]);
  });
});
