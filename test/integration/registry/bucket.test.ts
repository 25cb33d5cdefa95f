import { execa } from "execa";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startBucket } from "../../support/bucket.ts";
import type { TestBucket } from "../../support/bucket.ts";
import { openRegistry } from "../../support/registry.ts";
import type { TestRegistry } from "../../support/registry.ts";
import { createWorkspace } from "../../support/workspace.ts";
import type { Workspace } from "../../support/workspace.ts";

const KEY = "correct-horse-battery";

let bucket: TestBucket;
let workspace: Workspace;
let registry: TestRegistry;

beforeAll(async () => {
  workspace = await createWorkspace();
  bucket = await startBucket(workspace.docker);
  const keys = 'accessKeyId: secret("bucketKeyId"), secretAccessKey: secret("bucketKey")';
  const s3 = `s3: { bucket: "${bucket.name}", endpoint: "${bucket.endpoint}", ${keys} }, keep: { count: 0, days: 0 },`;
  await workspace.edit("stacks/platform.ts", (text) =>
    text
      .replace("{ definePlatform }", "{ definePlatform, secret }")
      .replace("domain:", "supervisor: false,\n  domain:")
      .replace("registry: {", `registry: { ${s3}`),
  );
  await workspace.initStack("platform");
  for (const name of ["bucketKeyId", "bucketKey"]) {
    await workspace.pulumi(
      "config",
      "set",
      "--secret",
      "--path",
      `slipway:secrets.${name}`,
      KEY,
      "--stack",
      "platform",
    );
  }
  await workspace.up("platform");
  registry = await openRegistry(workspace);
});

afterAll(async () => {
  await workspace.remove();
  await bucket.stop();
});

it("the registry keeps images in a bucket, from where they are pulled, and its keys in no plain state", async () => {
  const digest = await registry.push("push", await registry.makeImage("team/app", "1.0.0", 1));
  await registry.pull("pull", `${registry.address}/team/app@${digest}`);

  expect(await bucket.keys()).toContain("docker/registry/v2/repositories/team/app/_manifests/tags/1.0.0/current/link");
  const { stdout } = await execa("grep", ["-rl", KEY, workspace.directory, "--include=*.json", "--include=*.yaml"], {
    reject: false,
  });
  expect(stdout).toBe("");
});

it("garbage is collected there as well", async () => {
  const removed = await registry.push("push", await registry.makeImage("team/app", "main", 1));
  const before = (await bucket.keys()).filter((key) => key.includes("/blobs/"));
  const { exitCode, output } = await workspace.run("npm", ["run", "--silent", "gc"]);
  const after = (await bucket.keys()).filter((key) => key.includes("/blobs/"));

  expect(exitCode, output).toBe(0);
  expect(output).toContain("Registry: images removed: 1 (1.0 MB); kept: 0 deployed, 1 with a version, 0 recent");
  expect(after).toHaveLength(before.length - 3);
  expect((await registry.ask("pull", `/v2/team/app/manifests/${removed}`)).status).toBe(404);
  expect((await registry.ask("pull", "/v2/team/app/manifests/1.0.0")).status).toBe(200);
});

it("a bucket out of reach is told by the push", async () => {
  await bucket.stop();
  const image = await registry.makeImage("team/app", "2.0.0");

  await expect(registry.push("push", image)).rejects.toThrow("or its bucket out of reach");
});
