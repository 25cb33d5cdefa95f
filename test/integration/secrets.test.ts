import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { shell } from "../../provider/proxy/shell.ts";
import { request } from "../support/request.ts";
import { startVisitor } from "../support/visitor.ts";
import { createWorkspace, listLabelled } from "../support/workspace.ts";
import type { Workspace } from "../support/workspace.ts";

const SITE = "website.dev.localhost";
const SETTINGS = `env: { TOKEN: secret("token") }, secrets: { key: secretFile("shop.key"), api: generated("api") },`;

describe("the secrets of a service", () => {
  let workspace: Workspace;
  let directory: string;
  let authority: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "slipway-secrets-"));
    await writeFile(join(directory, "shop.key"), "key of the shop\n");
    workspace = await createWorkspace();
    await workspace.edit("stacks/dev.ts", (content) =>
      content
        .replace("{ defineEnvironment }", "{ defineEnvironment, generated, secret, secretFile }")
        .replace("...website", 'access: { users: { api: generated("api") } },\n  ...website'),
    );
    await workspace.edit("stacks/shared/website.ts", (content) =>
      content
        .replace(
          'from "../../components/index.ts";',
          'from "../../components/index.ts";\nimport { generated, secret, secretFile } from "../../components/index.ts";',
        )
        .replace("memoryMb: 128,", `memoryMb: 128, ${SETTINGS}`),
    );
    for (const stack of ["platform", "dev"]) await workspace.initStack(stack);
    await workspace.up("platform");
    authority = String((await workspace.outputs("platform")).ca);
    await set("--secret", "--path", "slipway:secrets.token", "t0ken of the stack");
    await set("--plaintext", "slipway:secretsDirectory", directory);
    await workspace.up("dev");
  });

  afterAll(async () => {
    await workspace.remove();
    await rm(directory, { recursive: true });
  });

  const set = async (...args: string[]) => {
    const result = await workspace.pulumi("config", "set", ...args, "--stack", "dev");
    expect(result).toEqual({ exitCode: 0, output: "", stdout: "" });
  };
  const password = async () => ((await workspace.outputs("dev")).passwords as { api: string }).api;
  const ask = (credentials: string, signal?: AbortSignal) =>
    request({ host: SITE, port: workspace.ports.https, path: "/fr", authority, credentials, signal });
  const inContainer = async (script: string) => {
    const filters = { label: [`slipway.namespace=${workspace.namespace}`, "slipway.service=website"] };
    const [container] = await workspace.docker.listContainers({ filters });
    return shell(workspace.docker.getContainer(container?.Id ?? ""), script);
  };
  const rotate = (...args: string[]) => workspace.run("npm", ["run", "--silent", "rotate", "--", "-s", "dev", ...args]);

  it("are in its containers, in no other place in plain", async () => {
    expect(await inContainer('echo "$TOKEN"; cd /run/secrets; cat key api; echo; ls -l | cut -c1-10 | sort -u')).toBe(
      `t0ken of the stack\nkey of the shop\n${await password()}\n-r--r--r--\ntotal 8\n`,
    );
    const state = await readFile(join(workspace.directory, ".slipway/state/.pulumi/stacks/slipway/dev.json"), "utf8");
    const values = ["t0ken of the stack", "key of the shop", await password()];
    for (const value of values) {
      expect(state).not.toContain(value);
      expect(state).not.toContain(Buffer.from(value).toString("base64").slice(0, -4));
    }
    expect(await inContainer("touch /run/secrets/more 2>&1 || true")).toContain("Read-only file system");
  });

  it("are new in new containers when a file has changed", async () => {
    await writeFile(join(directory, "shop.key"), "another key\n");
    const before = await listLabelled(workspace.docker, workspace.namespace);
    await workspace.up("dev");
    expect(await inContainer("cat /run/secrets/key")).toBe("another key\n");
    const volumes = (all: string[]) => all.filter((name) => name.includes("-secrets-"));
    const after = volumes(await listLabelled(workspace.docker, workspace.namespace));
    expect(after).toHaveLength(1);
    expect(after).not.toEqual(volumes(before));
  });

  it("both count from a rotation until it is finished, and no request is refused meanwhile", async () => {
    const first = await password();
    const stop = startVisitor((signal) => ask(`api:${first}`, signal));
    const { exitCode, output } = await rotate("api");
    expect({ exitCode, output }).toEqual({ exitCode: 0, output: expect.any(String) as string });
    expect(await stop(Date.now())).toMatchObject({ lost: 0 });
    const second = await password();
    expect(second).not.toBe(first);
    expect(await inContainer("cd /run/secrets; cat api; echo; cat api.previous")).toBe(`${second}\n${first}`);
    expect([(await ask(`api:${first}`)).status, (await ask(`api:${second}`)).status]).toEqual([200, 200]);

    const again = await rotate("api");
    expect(again.exitCode).toBe(2);
    expect(again.output).toContain('the last rotation of "api" is not finished: two values count');

    expect(await rotate("api", "--finish")).toMatchObject({ exitCode: 0 });
    expect([(await ask(`api:${first}`)).status, (await ask(`api:${second}`)).status]).toEqual([401, 200]);
    expect(await inContainer("ls /run/secrets")).toBe("api\nkey\n");
    const idle = await rotate("api", "--finish");
    expect(idle.exitCode).toBe(2);
    expect(idle.output).toContain('one value of "api" counts: there is no rotation to finish');
    const { stdout } = await rotate("--json");
    expect(JSON.parse(stdout)).toEqual({
      stack: "dev",
      secrets: [{ name: "api", generation: 1, keepsPrevious: false }],
    });
  });

  it("are refused by name where a file is missing, and what runs keeps running", async () => {
    await rm(join(directory, "shop.key"));
    const { exitCode, output } = await workspace.pulumi("up", "--yes", "--skip-preview", "--stack", "dev");
    expect(exitCode).not.toBe(0);
    expect(output).toContain(`secretFile("shop.key"): must be a file that can be read, got ${directory}/shop.key`);
    expect((await ask(`api:${await password()}`)).status).toBe(200);
  });

  it("go with their environment", async () => {
    await writeFile(join(directory, "shop.key"), "key of the shop\n");
    const { exitCode, output } = await workspace.pulumi("destroy", "--yes", "--skip-preview", "--stack", "dev");
    expect({ exitCode, output }).toEqual({ exitCode: 0, output: expect.any(String) as string });
    const left = await listLabelled(workspace.docker, workspace.namespace);
    expect(left.filter((name) => name.includes("-secrets-"))).toEqual([]);
  });
});
