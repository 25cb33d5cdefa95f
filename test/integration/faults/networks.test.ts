import { afterAll, beforeAll, expect, it } from "vitest";
import { startOwnEngine } from "../../support/own-engine.ts";
import type { OwnEngine } from "../../support/own-engine.ts";
import { createWorkspace } from "../../support/workspace.ts";
import type { Workspace } from "../../support/workspace.ts";

let engine: OwnEngine;
let workspace: Workspace;

beforeAll(async () => {
  // Room for two networks: docker0, and one more.
  engine = await startOwnEngine([], ["--default-address-pool", "base=10.203.0.0/24,size=25"]);
  workspace = await createWorkspace();
  await workspace.edit(
    "index.ts",
    () => 'import * as docker from "@pulumi/docker";\nnew docker.Network("first");\nnew docker.Network("second");\n',
  );
});

afterAll(async () => {
  await workspace.remove();
  await engine.remove();
});

it("an engine without addresses for another network is told of with what to do about it", async () => {
  await workspace.initStack("dev");
  const { exitCode, output } = await workspace.run("npm", ["run", "--silent", "up", "--", "-s", "dev"], {
    DOCKER_HOST: engine.host,
  });

  expect(exitCode).not.toBe(0);
  expect(output).toContain("could not find an available, non-overlapping IPv4 address pool");
  expect(output).toMatch(
    /✖ Stack dev: failed; .*\nto do The engine has no addresses left for another network\. .*docs\/operations\.md, Networks\.$/,
  );
});
