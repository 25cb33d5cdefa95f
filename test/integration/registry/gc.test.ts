import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { findProxy } from "../../../provider/proxy/container.ts";
import { reload } from "../../../provider/proxy/reload.ts";
import { Runtime } from "../../../provider/proxy/runtime.ts";
import { whileReadOnly } from "../../../toolchain/registry/writes.ts";
import { openRegistry } from "../../support/registry.ts";
import type { TestRegistry } from "../../support/registry.ts";
import { createWorkspace } from "../../support/workspace.ts";
import type { Workspace } from "../../support/workspace.ts";

const UPLOADS = "/v2/team/app/blobs/uploads/";

const blob = z.object({ digest: z.string() });
const manifest = z.object({ config: blob, layers: z.array(blob) });
const report = z.object({
  freedBytes: z.number(),
  images: z.array(
    z.object({ repository: z.string(), digest: z.string(), removed: z.boolean(), why: z.string().optional() }),
  ),
});

describe("npm run gc", () => {
  let workspace: Workspace;
  let registry: TestRegistry;
  /** By what they were pushed as. */
  const pushed: Record<string, string> = {};

  beforeAll(async () => {
    workspace = await createWorkspace();
    await workspace.edit("stacks/platform.ts", (text) =>
      text.replace("registry: {", "registry: { keep: { count: 0, days: 0 },"),
    );
    await workspace.up("platform");
    await workspace.up("dev");
    registry = await openRegistry(workspace);
    const gone = `${workspace.namespace}/review-gone/web`;
    for (const [repository, tag] of [
      ["team/app", "moved"],
      ["team/app", "main"],
      ["team/app", "1.2.3"],
      [gone, "latest"],
    ]) {
      if (repository === undefined || tag === undefined) continue;
      pushed[tag] = await registry.push("push", await registry.makeImage(repository, tag, 1));
    }
    // The first image stays without a tag.
    pushed.untagged = pushed.moved ?? "";
    pushed.moved = await registry.push("push", await registry.makeImage("team/app", "moved", 1));
  });

  afterAll(async () => {
    await workspace.remove();
  });

  const collect = async (...flags: string[]) => {
    const { exitCode, output, stdout } = await workspace.run("npm", [
      "run",
      "--silent",
      "gc",
      "--",
      "--json",
      ...flags,
    ]);
    expect(exitCode, output).toBe(0);
    return report.parse(JSON.parse(stdout));
  };
  const status = async (repository: string, digest = "") =>
    (await registry.ask("pull", `/v2/${repository}/manifests/${digest}`)).status;
  const proxy = async () => {
    const found = await findProxy(workspace.docker, workspace.namespace);
    return found ?? expect.fail("no proxy runs");
  };

  it("says in a dry run what it would remove, and removes nothing", async () => {
    const { images } = await collect("--dry-run");
    const removed = images.filter(({ removed }) => removed).map(({ digest }) => digest);

    expect(removed.sort()).toEqual([pushed.untagged, pushed.moved, pushed.main, pushed.latest].sort());
    expect(await status("team/app", pushed.untagged)).toBe(200);
    expect((await registry.ask("push", UPLOADS, "POST")).status).toBe(202);
  });

  it("removes what nobody deploys and no version names, with its layers", async () => {
    const { images, freedBytes } = await collect();

    expect(images.filter(({ removed }) => removed)).toHaveLength(4);
    expect(freedBytes).toBeGreaterThan(4_000_000);
    expect(await status("team/app", pushed.untagged)).toBe(404);
    expect(await status("team/app", "main")).toBe(404);
    expect(await status("team/app", pushed["1.2.3"])).toBe(200);
    expect(images.filter(({ why }) => why === "version").map(({ digest }) => digest)).toEqual([pushed["1.2.3"]]);
    expect((await collect()).images.filter(({ removed }) => removed)).toEqual([]);
  });

  it("leaves every image pullable that a stack deploys", async () => {
    const { namespace } = workspace;
    const { images } = await collect("--dry-run");
    const deployed = images.filter(({ why }) => why === "deployed");
    expect(deployed.map(({ repository }) => repository).sort()).toEqual([
      `${namespace}/dev/website`,
      `${namespace}/platform/supervisor`,
    ]);
    for (const { repository, digest } of deployed) {
      const { body } = await registry.ask("pull", `/v2/${repository}/manifests/${digest}`);
      const { config, layers } = manifest.parse(body);
      for (const blob of [config, ...layers]) {
        expect((await registry.ask("pull", `/v2/${repository}/blobs/${blob.digest}`, "HEAD")).status).toBe(200);
      }
      await registry.pull("pull", `${registry.address}/${repository}@${digest}`);
    }
  });

  it("lets the same image be pushed again that it has removed", async () => {
    const image = `${registry.address}/team/app:main`;
    const digest = await registry.push("push", image);

    expect(digest).toBe(pushed.main);
    await registry.pull("pull", `${registry.address}/team/app@${digest}`);
  });

  it("refuses writes meanwhile, also after a reload, and not for longer", async () => {
    const container = await proxy();
    const write = async () => (await registry.ask("push", UPLOADS, "POST")).status;
    const meanwhile = await whileReadOnly(container, async () => {
      await expect(whileReadOnly(container, () => Promise.resolve())).rejects.toThrow(
        "garbage is being collected already, or was by one that was killed",
      );
      const before = [await write(), await status("team/app", pushed["1.2.3"])];
      await reload(new Runtime(container));
      return [...before, await write(), await status("team/app", pushed["1.2.3"])];
    });

    expect(meanwhile).toEqual([503, 200, 503, 200]);
    expect(await write()).toBe(202);
    await reload(new Runtime(container));
    expect(await write()).toBe(202);
  });

  it("removes nothing where it cannot be told what is deployed", async () => {
    const stacks = join(workspace.directory, ".slipway/state/.pulumi/stacks/slipway");
    await writeFile(join(stacks, "torn.json"), "{");
    const { exitCode, output } = await workspace.run("npm", ["run", "--silent", "gc"]);

    expect(exitCode).toBe(1);
    expect(output).toContain("pulumi stack ls --json failed");
    expect(await status("team/app", pushed.main)).toBe(200);
  });
});
