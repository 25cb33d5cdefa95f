import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type Docker from "dockerode";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exec } from "../../../provider/engine/exec.ts";
import { findProxy } from "../../../provider/proxy/container.ts";
import { reload } from "../../../provider/proxy/reload.ts";
import { Runtime } from "../../../provider/proxy/runtime.ts";
import { shell } from "../../../provider/proxy/shell.ts";
import { openRegistry } from "../../support/registry.ts";
import { createWorkspace } from "../../support/workspace.ts";
import type { Workspace } from "../../support/workspace.ts";

const STORAGE = "/var/lib/registry";
const DOCKERFILE = `ARG BASE
FROM \${BASE}
USER 65534
ENTRYPOINT ["sleep", "3600"]
ARG EDITION
LABEL edition=\${EDITION}
`;

describe("an environment whose registry has a fault", () => {
  let workspace: Workspace;
  let registry: Docker.Container;
  let edition = 0;

  beforeAll(async () => {
    workspace = await createWorkspace();
    const { docker, namespace, directory } = workspace;
    // A disk of its own, small enough to fill.
    await docker.createVolume({
      Name: `${namespace}-platform-registry`,
      Labels: { "slipway.namespace": namespace },
      DriverOpts: { type: "tmpfs", device: "tmpfs", o: "size=80m" },
    });
    await workspace.edit("stacks/platform.ts", (text) => text.replace("domain:", "supervisor: false,\n  domain:"));
    await mkdir(join(directory, "app"));
    await writeFile(join(directory, "app/Dockerfile"), DOCKERFILE);
    await workspace.up("platform");
    registry = await (await openRegistry(workspace)).container();
    await workspace.initStack("app");
    expect(await deploy()).toMatchObject({ exitCode: 0 });
  });

  afterAll(async () => {
    await workspace.remove();
  });

  /** Deploys an edition that is not in the registry yet. */
  async function deploy() {
    edition += 1;
    const build = `{ context: "app", args: { BASE: settings.images.haproxy, EDITION: "${edition}" } }`;
    await writeFile(
      join(workspace.directory, "stacks/app.ts"),
      `import { defineEnvironment } from "../components/index.ts";
import { settings } from "./settings.ts";
export default defineEnvironment({ domain: "app.localhost", services: { app: { build: ${build}, steadySeconds: 1 } } });
`,
    );
    return workspace.pulumi("up", "--yes", "--skip-preview", "--stack", "app");
  }
  const running = async () => {
    const label = [`slipway.namespace=${workspace.namespace}`, "slipway.role=app"];
    return (await workspace.docker.listContainers({ filters: { label } })).map(({ Id }) => Id);
  };
  /** As one who may do everything with the registry's storage, which its own program may not. */
  const withStorage = async (command: string) => {
    const image = process.env.SLIPWAY_IMAGE_HAPROXY ?? "none";
    const start = ["run", "--rm", "--user", "0", "--volumes-from", registry.id, "--entrypoint", "sh", image, "-c"];
    const { exitCode, output } = await workspace.run("docker", [...start, `cd ${STORAGE} && ${command}`]);
    expect(exitCode, output).toBe(0);
  };

  const faults: [string, { cause: () => Promise<unknown>; mend: () => Promise<unknown>; says: RegExp }][] = [
    [
      "wrong passwords",
      {
        async cause() {
          const proxy = (await findProxy(workspace.docker, workspace.namespace)) ?? expect.fail("no proxy runs");
          await shell(
            proxy,
            "tr 0-9a-f 1-9a-f0 </etc/slipway/registry-push.sha256 >/tmp/x; cat /tmp/x >/etc/slipway/registry-push.sha256",
          );
          await reload(new Runtime(proxy));
        },
        mend: async () => {
          const up = await workspace.pulumi("up", "--refresh", "--yes", "--skip-preview", "--stack", "platform");
          expect(up).toMatchObject({ exitCode: 0 });
        },
        says: /unauthorized: wrong user or password for the registry/,
      },
    ],
    [
      "a storage that is read-only",
      {
        cause: () => withStorage("chown -R 1:1 . && chmod -R a-w ."),
        mend: () => withStorage("chown -R 0:0 . && chmod -R u+w ."),
        says: /denied: the registry cannot store it: its disk is full or read-only/,
      },
    ],
    [
      "a full disk",
      {
        cause: () => exec(registry, ["dd", "if=/dev/zero", `of=${STORAGE}/filler`, "bs=1024"]),
        mend: () => exec(registry, ["rm", `${STORAGE}/filler`]),
        says: /denied: the registry cannot store it: its disk is full or read-only/,
      },
    ],
    [
      "a container that is stopped",
      {
        cause: () => registry.stop(),
        mend: () => registry.start(),
        says: /the registry does not answer \(503 Service Unavailable\), tried for a minute/,
      },
    ],
  ];

  it.each(faults)(
    "ends with one clear error for %s, keeps what runs, and needs no more than that it is mended",
    async (_, fault) => {
      const before = await running();
      await fault.cause();
      const { exitCode, output } = await deploy();

      expect(exitCode).not.toBe(0);
      expect(output).toMatch(fault.says);
      expect(await running()).toEqual(before);

      await fault.mend();
      expect(await deploy()).toMatchObject({ exitCode: 0 });
      expect(await running()).not.toEqual(before);
    },
  );
});
