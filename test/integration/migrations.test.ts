import { cp, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { killUpAt } from "../support/faulty.ts";
import { request } from "../support/request.ts";
import { startVisitor } from "../support/visitor.ts";
import { createWorkspace } from "../support/workspace.ts";
import type { Workspace } from "../support/workspace.ts";

const STACK = "shop";
const HOST = "app.shop.localhost";
const FIXTURE = resolve(import.meta.dirname, "../fixtures/migrating");

let workspace: Workspace;

beforeAll(async () => {
  workspace = await createWorkspace();
  await workspace.edit("stacks/platform.ts", (text) =>
    text.replace("definePlatform({", "definePlatform({ supervisor: false,"),
  );
  await cp(FIXTURE, join(workspace.directory, "shop"), { recursive: true });
  await workspace.up("platform");
  await workspace.initStack(STACK);
});

afterAll(async () => {
  await workspace.remove();
});

/** Declares an application whose schema a job makes, and which `own` waits for, a program that migrates by itself. */
function declare({ schema, mode = "good" }: { schema: number; mode?: string }): Promise<void> {
  const text = `import { defineEnvironment } from "../components/index.ts";
import { settings } from "./settings.ts";

const build = { context: "shop", args: { NODE_IMAGE: settings.images.node } };
const common = { mounts: { data: "/data" }, memoryMb: 64 };

export default defineEnvironment({
  domain: \`${STACK}.\${settings.domain}\`,
  services: {
    app: { ...common, build, port: 8080, routes: ["app"], health: { path: "/" }, gateSeconds: 10, before: ["migrate"],
      env: { NEEDS: "${schema}" } },
    own: { ...common, build, steadySeconds: 1, waitsFor: ["app"], env: { NEEDS: "${schema}", MIGRATES: "1" } },
  },
  jobs: {
    migrate: { ...common, service: "app", command: ["node", "/app/migrate.mjs"], timeoutSeconds: 6,
      env: { TO: "${schema}", MODE: "${mode}" } },
  },
  volumes: { data: {} },
});
`;
  return writeFile(join(workspace.directory, `stacks/${STACK}.ts`), text);
}

const deploy = (...flags: string[]) => workspace.pulumi("up", "--yes", "--skip-preview", "--stack", STACK, ...flags);
const edit = (edition: string) =>
  workspace.edit("shop/server.mjs", (text) => text.replace(/EDITION = ".*?"/, `EDITION = "${edition}"`));
const body = async (path = "/") => (await workspace.get(HOST, path)).body.trimEnd();
const edition = async () => (await workspace.get(HOST)).headers["x-edition"];
const runs = async () => (await body("/runs")).split("\n");
const status = () => workspace.run("node", ["toolchain/cli.ts", "status", "-s", STACK]);

/** Runs something while the application is asked ten times a second; tells how many answers were lost. */
async function lostDuring(action: () => Promise<void>): Promise<number> {
  const authority = String((await workspace.outputs("platform")).ca);
  const since = Date.now();
  const end = startVisitor((signal) =>
    request({ host: HOST, port: workspace.ports.https, path: "/", authority, signal }),
  );
  await action();
  return (await end(since)).lost;
}

it("a job that a service names runs before its first release, and its lines are in the output", async () => {
  await declare({ schema: 1 });

  const { exitCode, output } = await deploy();

  expect(exitCode, output).toBe(0);
  expect(output).toMatch(/migrate: to schema 1 by [0-9a-f]{12}/);
  expect(output).toMatch(/migrate [0-9a-f]{12}: done after \d+\.\d s/);
  expect(await body()).toBe("schema 1");
  expect(await runs()).toEqual(["begin 1", "end 1"]);
});

it("does not run where nothing changed", async () => {
  expect(await deploy("--expect-no-changes")).toMatchObject({ exitCode: 0 });
  expect(await deploy("--refresh", "--expect-no-changes")).toMatchObject({ exitCode: 0 });

  expect(await runs()).toEqual(["begin 1", "end 1"]);
});

it("runs on the new image before containers of it start, and costs no request", async () => {
  await edit("2");
  await declare({ schema: 2 });

  const lost = await lostDuring(async () => {
    const { output } = await deploy();
    const version = /app [0-9a-f]{12} → ([0-9a-f]{12}): gate/.exec(output)?.[1] ?? "none";
    expect(output).toContain(`migrate: to schema 2 by ${version}`);
    expect(output).toContain("migrate runs before what waits for it is released: its image changed");
  });

  expect(lost).toBe(0);
  expect([await body(), await edition()]).toEqual(["schema 2", "2"]);
  expect(await runs()).toEqual(["begin 1", "end 1", "begin 2", "end 2"]);
  const { exitCode, stdout } = await status();
  expect(stdout).toMatch(/\nmigrate {2}[0-9a-f]{12} .* before a release .* exit code 0$/);
  expect(exitCode).toBe(0);
});

it.each([
  ["fails", "fail", "job migrate exited with code 3; ", "  Unknown column 'age' in 'people'"],
  ["hangs", "hang", "job migrate did not end within timeoutSeconds = 6 and was stopped; ", "  to schema 3 by "],
])("one that %s ends the up with its last lines, and the old version serves on", async (_how, mode, message, line) => {
  const before = await workspace.docker.listContainers({ all: true, filters: { label: appLabels() } });
  await edit("3");
  await declare({ schema: 3, mode });

  const lost = await lostDuring(async () => {
    const { exitCode, output } = await deploy();
    expect(output).toContain(message);
    expect(output).toContain(line);
    expect(exitCode).not.toBe(0);
  });

  expect(lost).toBe(0);
  expect([await body(), await edition()]).toEqual(["schema 2", "2"]);
  const after = await workspace.docker.listContainers({ all: true, filters: { label: appLabels() } });
  expect(after.map(({ Id }) => Id)).toEqual(before.map(({ Id }) => Id));
  const { exitCode, stdout } = await status();
  expect(stdout).toMatch(/\nmigrate .* exit code \d+$/);
  expect(exitCode).toBe(1);
});

it("the next up runs it again, and releases what has waited", async () => {
  await declare({ schema: 3 });

  const { exitCode, output } = await deploy();

  expect(exitCode, output).toBe(0);
  expect([await body(), await edition()]).toEqual(["schema 3", "3"]);
});

it("an up that is killed while it runs is made good by the next one, whose run waits for the one that is left", async () => {
  await declare({ schema: 4, mode: "slow" });
  const earlier = await runs();

  await killUpAt(workspace, STACK, "migrate: to schema 4");
  await workspace.pulumi("cancel", "--yes", "--stack", STACK);
  const { exitCode, output } = await deploy("--refresh");

  expect(exitCode, output).toBe(0);
  expect((await runs()).slice(earlier.length)).toEqual(["begin 4", "end 4", "begin 4", "end 4"]);
  expect(await body()).toBe("schema 4");
});

it("a service that is taken back to an earlier image runs no earlier job, nor does its way forward", async () => {
  const earlier = await runs();
  const back = await workspace.run("node", ["toolchain/cli.ts", "rollback", "-s", STACK, "app"]);
  expect(back, back.output).toMatchObject({ exitCode: 0 });
  expect(await edition()).toBe("2");

  const forward = await workspace.run("node", ["toolchain/cli.ts", "rollback", "-s", STACK, "app", "--off"]);
  expect(forward).toMatchObject({ exitCode: 0 });
  expect(await deploy()).toMatchObject({ exitCode: 0 });

  expect(await edition()).toBe("3");
  expect(await runs()).toEqual(earlier);
});

it("leaves nothing running when the environment goes", async () => {
  expect(await workspace.pulumi("destroy", "--yes", "--skip-preview", "--stack", STACK)).toMatchObject({ exitCode: 0 });

  const label = [`slipway.namespace=${workspace.namespace}`, `slipway.environment=${STACK}`];
  expect(await workspace.docker.listContainers({ all: true, filters: { label } })).toEqual([]);
});

function appLabels(): string[] {
  return [`slipway.namespace=${workspace.namespace}`, "slipway.role=app", `slipway.environment=${STACK}`];
}
