import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import getPort from "get-port";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { request } from "../support/request.ts";
import { createWorkspace } from "../support/workspace.ts";
import type { Workspace } from "../support/workspace.ts";

const SITE = "website.dev.localhost";

describe("the proxy of a platform", () => {
  let workspace: Workspace;
  let authority: string;

  beforeAll(async () => {
    workspace = await createWorkspace();
    await workspace.edit("stacks/dev.ts", (content) =>
      content
        .replace("{ defineEnvironment }", "{ defineEnvironment, generated, secret }")
        .replace(
          "...website",
          'access: { users: { reviewer: generated("reviewer"), alice: secret("alicePassword") } },\n  ...website',
        ),
    );
    await workspace.initStack("platform");
    await workspace.initStack("dev");
    await workspace.up("platform");
    authority = String((await workspace.outputs("platform")).ca);
  });

  afterAll(async () => {
    await workspace.remove();
  });

  const setSecret = () =>
    workspace.pulumi(
      ...["config", "set", "--secret", "--path", "slipway:secrets.alicePassword", "correct horse", "--stack", "dev"],
    );
  const ask = async (credentials?: string) => {
    const question = { host: SITE, port: workspace.ports.https, path: "/fr", authority };
    return (await request({ ...question, credentials })).status;
  };

  it("opens an environment to its users alone, and keeps their passwords out of the plain state", async () => {
    const refused = await workspace.pulumi("up", "--yes", "--skip-preview", "--stack", "dev");
    expect(refused.exitCode).not.toBe(0);
    expect(refused.output).toContain(
      'secret("alicePassword"): must be set for stack dev, got nothing; pulumi config set',
    );

    await setSecret();
    await workspace.up("dev");
    const { passwords } = await workspace.outputs("dev");
    const { reviewer } = passwords as { reviewer: string };
    expect(reviewer).toMatch(/^[A-Za-z0-9]{32}$/);
    expect([await ask(), await ask("reviewer:wrong")]).toEqual([401, 401]);
    expect([await ask(`reviewer:${reviewer}`), await ask("alice:correct horse")]).toEqual([200, 200]);

    const { statusPassword } = await workspace.outputs("platform");
    for (const stack of ["dev", "platform"]) {
      const state = await readFile(
        join(workspace.directory, `.slipway/state/.pulumi/stacks/slipway/${stack}.json`),
        "utf8",
      );
      for (const secret of [reviewer, "correct horse", String(statusPassword)]) expect(state).not.toContain(secret);
    }
    const config = await readFile(join(workspace.directory, "Pulumi.dev.yaml"), "utf8");
    expect(config).not.toContain("correct horse");
    const again = await workspace.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes", "--stack", "dev");
    expect(again).toMatchObject({ exitCode: 0 });
  });

  it("shows its figures on loopback, to the password that the stack tells", async () => {
    const { statusPassword } = await workspace.outputs("platform");
    const metrics = { host: "localhost", port: workspace.ports.status, path: "/metrics" };
    expect((await request(metrics)).status).toBe(401);
    const { status, body } = await request({ ...metrics, credentials: `slipway:${String(statusPassword)}` });
    expect(status).toBe(200);
    expect(body).toContain('haproxy_server_status{proxy="dev.website",server="s1",state="UP"} 1');
  });

  it("is not replaced by an image that cannot be had", async () => {
    await workspace.pulumi("config", "set", "slipway:haproxyImage", "127.0.0.1:1/no/such:image", "--stack", "platform");
    const { exitCode } = await workspace.pulumi("up", "--yes", "--skip-preview", "--stack", "platform");
    expect(exitCode).not.toBe(0);
    expect(await ask("alice:correct horse")).toBe(200);
    await workspace.pulumi("config", "rm", "slipway:haproxyImage", "--stack", "platform");
  });

  it("announces its replacement, measures the outage and finds every environment again", async () => {
    const port = String(await getPort());
    await workspace.pulumi("config", "set", "slipway:statusPort", port, "--stack", "platform");
    const preview = await workspace.pulumi("preview", "--stack", "platform");
    expect(preview.output).toContain("the proxy is replaced: no environment answers from the moment when");

    const failed: number[] = [];
    let running = true;
    const watch = (async () => {
      while (running) {
        if ((await ask("alice:correct horse").catch(() => 0)) !== 200) failed.push(Date.now());
        await sleep(20);
      }
    })();
    const { output } = await workspace.up("platform");
    expect(await ask("alice:correct horse")).toBe(200);
    running = false;
    await watch;
    const [, told] = /the proxy was replaced: no environment answered for (\d+\.\d) s/.exec(output) ?? [];

    expect(Number(told)).toBeGreaterThan(0);
    expect(failed.length).toBeGreaterThan(0);
  });
});
