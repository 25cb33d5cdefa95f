import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { shell } from "../../provider/proxy/shell.ts";
import { createWorkspace } from "../support/workspace.ts";
import type { Workspace } from "../support/workspace.ts";

// The image has a directory of its own where the volume is mounted, which an engine would copy into it.
const DOCKERFILE = `FROM scratch
COPY --chmod=755 busybox /bin/sh
RUN ["/bin/sh", "-c", "mkdir /own && echo image >/own/of-the-image"]
USER 1000:1000
CMD ["/bin/sh", "-c", "sleep 1000"]
`;

const stackFile = (name: string, mounts: string, volumes: string, more = "") => `
import { defineEnvironment, generated } from "../components/index.ts";
void generated;
export default defineEnvironment({
  domain: "${name}.localhost",
  services: { box: { build: "box", steadySeconds: 0, stopSeconds: 1, mounts: ${mounts}, ${more} } },
  volumes: ${volumes},
});`;

describe("the storage of a service", () => {
  let workspace: Workspace;
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "slipway-storage-"));
    await chmod(directory, 0o755);
    await writeFile(join(directory, "photo"), "a photo\n");
    workspace = await createWorkspace();
    await mkdir(join(workspace.directory, "box"));
    await copyFile("/bin/busybox", join(workspace.directory, "box/busybox"));
    await writeFile(join(workspace.directory, "box/Dockerfile"), DOCKERFILE);
    await write("store");
    await workspace.up("platform");
    await workspace.up("store");
  });

  afterAll(async () => {
    await workspace.remove();
    await rm(directory, { recursive: true });
  });

  const write = (name: string, { mode = "0750", source = directory } = {}) =>
    writeFile(
      join(workspace.directory, `stacks/${name}.ts`),
      stackFile(
        name,
        `{ own: "/own", plain: { path: "/plain", readOnly: true }, photos: { path: "/photos", directory: "${source}" },
           scratch: { path: "/scratch", sizeMb: 8, owner: "1000:1000", mode: "0700" } }`,
        `{ own: { owner: "1000:1000", mode: "${mode}" }, plain: {} }`,
        `secrets: { key: { secret: generated("key"), owner: "1000:1000", mode: "0400" } }`,
      ),
    );
  const inBox = async (environment: string, script: string) => {
    const label = [
      `slipway.namespace=${workspace.namespace}`,
      `slipway.environment=${environment}`,
      "slipway.role=app",
    ];
    const [box] = await workspace.docker.listContainers({ filters: { label } });
    return (await shell(workspace.docker.getContainer(box?.Id ?? "none"), `{ ${script}; } 2>&1 || true`)).trim();
  };

  it("belongs to whom the stack file says, also where the image has a directory of its own", async () => {
    expect(await inBox("store", "stat -c '%u:%g %a %n' /own /scratch /run/secrets/key")).toBe(
      "1000:1000 750 /own\n1000:1000 700 /scratch\n1000:1000 400 /run/secrets/key",
    );
    expect(await inBox("store", "ls -A /own; echo one >/own/file && cat /own/file")).toBe("one");
    expect(await inBox("store", "wc -c </run/secrets/key")).toBe("32");
  });

  it("is read-only where it says so, and memory holds no more than it says", async () => {
    expect(await inBox("store", "cat /photos/photo; touch /photos/more")).toBe(
      "a photo\ntouch: /photos/more: Read-only file system",
    );
    expect(await inBox("store", "touch /plain/file")).toBe("touch: /plain/file: Read-only file system");
    expect(await inBox("store", "head -c 9000000 /dev/zero >/scratch/file; wc -c </scratch/file")).toMatch(
      /error\n8388608$/,
    );
  });

  it("is as declared for a second up and a refresh", async () => {
    const again = await workspace.pulumi("preview", "--refresh", "--expect-no-changes", "--stack", "store");

    expect(again).toMatchObject({ exitCode: 0 });
  });

  it("keeps its owner and mode once something is in it, and says so", async () => {
    await write("store", { mode: "0700" });
    const { output } = await workspace.up("store");

    expect(output).toContain(`volume ${workspace.namespace}-store-own is not empty: whom it belongs to stays as it is`);
    expect(await inBox("store", "stat -c '%a' /own")).toBe("750");
  });

  it("of another stack is mounted where shareFrom says so, read-only, and nowhere else", async () => {
    const shared = (from: string) =>
      writeFile(
        join(workspace.directory, "stacks/reader.ts"),
        stackFile("reader", '{ theirs: "/theirs" }', `{ theirs: { shareFrom: "${from}" } }`),
      );
    await shared("store/other");
    await workspace.initStack("reader");
    const unknown = await workspace.pulumi("preview", "--stack", "reader");
    expect(unknown.exitCode).not.toBe(0);
    expect(unknown.output).toContain(
      'volumes.theirs.shareFrom: must be a volume that the stack store has, got "store/other"; there are: own, plain',
    );
    await shared("nowhere/own");
    expect((await workspace.pulumi("preview", "--stack", "reader")).output).toContain(
      'volumes.theirs.shareFrom: must be a volume of a stack that is deployed, got "nowhere/own"; ',
    );

    await shared("store/own");
    await workspace.up("reader");

    expect(await inBox("reader", "cat /theirs/file; touch /theirs/more")).toBe(
      "one\ntouch: /theirs/more: Read-only file system",
    );
  });

  it("that is not on the engine's machine ends the deploy, and what runs keeps running", async () => {
    await write("store", { mode: "0700", source: "/srv/slipway-nowhere" });
    const { exitCode, output } = await workspace.pulumi("up", "--yes", "--skip-preview", "--stack", "store");

    expect(exitCode).not.toBe(0);
    expect(output).toContain("bind source path does not exist: /srv/slipway-nowhere");
    expect(await inBox("store", "cat /photos/photo")).toBe("a photo");
  });
});
