import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { looseContainers } from "../support/loose-containers.ts";
import { request } from "../support/request.ts";
import { createDeployedWorkspace, createWorkspace, listLabelled } from "../support/workspace.ts";
import type { Workspace } from "../support/workspace.ts";

const SITE = "website.dev.localhost";

interface ReleaseOutput {
  image: string;
  version: string;
  when: string;
}

describe("an environment on a Docker engine", () => {
  let workspace: Workspace;

  beforeAll(async () => {
    workspace = await createDeployedWorkspace();
  });

  afterAll(async () => {
    await workspace.remove();
  });

  const releaseOfWebsite = async () => {
    const { releases } = await workspace.outputs("dev");
    return (releases as { website: ReleaseOutput }).website;
  };

  it("serves an article over TLS that the platform's own authority vouches for", async () => {
    const { status, headers, body } = await workspace.get(SITE, "/fr");

    expect(status).toBe(200);
    expect(body).toContain('<html lang="fr"');
    expect(headers["strict-transport-security"]).toBe("max-age=63072000");
  });

  it("leads from HTTP to HTTPS", async () => {
    const { status, headers } = await request({ host: SITE, port: workspace.ports.http, path: "/fr?page=2" });

    expect({ status, location: headers.location }).toEqual({
      status: 308,
      location: `https://${SITE}:${workspace.ports.https}/fr?page=2`,
    });
  });

  it("answers an unknown host with 404 and asks no service", async () => {
    const plain = await request({ host: "nobody.example.org", port: workspace.ports.http, path: "/fr" });
    const { stdout: answer } = await execa("curl", [
      ...[
        "--silent",
        "--insecure",
        "--header",
        "Host: nobody.example.org",
        "--write-out",
        "%{http_code} %header{x-app-version}",
      ],
      `https://127.0.0.1:${workspace.ports.https}/fr`,
    ]);

    expect(plain.status).toBe(404);
    expect(answer.trim()).toBe("no such site404");
  });

  it.each(["platform", "dev"])("changes nothing on a second up of %s, nor finds drift", async (stack) => {
    const up = await workspace.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes", "--stack", stack);
    const drift = await workspace.pulumi("preview", "--refresh", "--expect-no-changes", "--stack", stack);

    expect(up).toMatchObject({ exitCode: 0 });
    expect(drift).toMatchObject({ exitCode: 0 });
  });

  it("tells its addresses and what runs", async () => {
    const { urls, releases } = await workspace.outputs("dev");
    const { image, version, when } = (releases as { website: ReleaseOutput }).website;

    expect(urls).toEqual({ website: [`https://${SITE}:${workspace.ports.https}/`] });
    expect(image).toMatch(
      new RegExp(
        `^127\\.0\\.0\\.1:${workspace.ports.registry}/${workspace.namespace}/dev/website@sha256:[0-9a-f]{64}$`,
      ),
    );
    expect(image).toContain(`@sha256:${version}`);
    expect(new Date(when).toISOString()).toBe(when);
  });

  it("runs every app container closed", async () => {
    const [found] = await workspace.docker.listContainers({
      filters: { label: [`slipway.namespace=${workspace.namespace}`, "slipway.role=app"] },
    });
    const { Config, HostConfig, State } = await workspace.docker.getContainer(found?.Id ?? "none").inspect();

    expect(Config.User).toBe("1000:1000");
    expect(State.Health?.Status).toMatch(/^(starting|healthy)$/);
    expect(HostConfig).toMatchObject({
      ReadonlyRootfs: true,
      CapAdd: null,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges:true"],
      Memory: 128 * 1024 * 1024,
      MemorySwap: 128 * 1024 * 1024,
      NanoCpus: 500_000_000,
      PidsLimit: 200,
      Privileged: false,
      PortBindings: {},
      RestartPolicy: { Name: "unless-stopped" },
      LogConfig: { Type: "json-file", Config: { "max-file": "3", "max-size": "10m" } },
    });
  });

  it("leaves no container open, those of the platform among them", async () => {
    expect(await looseContainers(workspace)).toEqual([]);
  });

  it("is not touched by another checkout that has the same namespace and a state of its own", async () => {
    const other = await createWorkspace();
    const before = await listLabelled(workspace.docker, workspace.namespace);
    await other.initStack("platform");
    await other.pulumi("config", "set", "slipway:namespace", workspace.namespace, "--stack", "platform");
    const preview = await other.pulumi("preview", "--stack", "platform");
    const up = await other.pulumi("up", "--yes", "--skip-preview", "--stack", "platform");
    await other.remove();

    for (const { exitCode, output } of [preview, up]) {
      expect(exitCode).not.toBe(0);
      expect(output).toContain(
        `slipway:namespace: must be one that no other installation has on this engine, got "${workspace.namespace}"`,
      );
    }
    expect(await listLabelled(workspace.docker, workspace.namespace)).toEqual(before);
    expect((await workspace.get(SITE, "/fr")).status).toBe(200);
  });

  it("serves an edited article without building an image", async () => {
    const before = await releaseOfWebsite();
    await workspace.edit("examples/website/data/pages/fr/morse.md", (page) => `${page}\nUne phrase toute neuve.\n`);

    const { output } = await workspace.up("dev");

    expect((await workspace.get(SITE, "/fr/morse")).body).toContain("Une phrase toute neuve.");
    expect(await releaseOfWebsite()).toEqual(before);
    expect(output).toMatch(/~ 1 updated/);
  });

  it("builds the program once when it is edited, and nothing else", async () => {
    const before = await releaseOfWebsite();
    await workspace.edit("examples/website/src/site.ts", (source) =>
      source.replace("public, no-cache", "public, max-age=0"),
    );

    const { output } = await workspace.up("dev");
    const after = await releaseOfWebsite();

    expect(after.image).not.toBe(before.image);
    // A line is printed again where more was said of the same resource.
    const built = output.match(/slipway:index:ImageBuild \S+ updated/g);
    expect([...new Set(built)]).toEqual(["slipway:index:ImageBuild dev-website-image-build updated"]);
    expect((await workspace.get(SITE, "/fr")).headers["cache-control"]).toBe("public, max-age=0");
    const containers = await workspace.docker.listContainers({
      filters: { label: [`slipway.namespace=${workspace.namespace}`, "slipway.role=app", "slipway.environment=dev"] },
    });
    expect(containers.map(({ Image }) => Image)).toEqual([after.image]);
  });

  it("keeps generated passwords out of the plain state and out of every label", async () => {
    const { registryPassword } = await workspace.outputs("platform");
    const { stdout: state } = await execa("cat", [".slipway/state/.pulumi/stacks/slipway/platform.json"], {
      cwd: workspace.directory,
    });
    const containers = await workspace.docker.listContainers({
      all: true,
      filters: { label: [`slipway.namespace=${workspace.namespace}`] },
    });
    const inspected = await Promise.all(containers.map(({ Id }) => workspace.docker.getContainer(Id).inspect()));

    expect(registryPassword).toMatch(/^[A-Za-z0-9]{32}$/);
    expect(state).not.toContain(registryPassword);
    expect(JSON.stringify(inspected.map(({ Config }) => Config))).not.toContain(registryPassword);
  });

  it("stands beside another environment, which it cannot reach and which is sealed", async () => {
    const created = await workspace.run("node", ["toolchain/cli.ts", "new", "qa", "--from", "dev"]);
    expect(created).toMatchObject({ exitCode: 0 });
    await workspace.edit("stacks/qa.ts", (text) =>
      text.replace("defineEnvironment({", "defineEnvironment({ sealed: true,"),
    );
    await workspace.up("qa");

    expect((await workspace.get("website.qa.localhost", "/fr")).status).toBe(200);
    expect((await workspace.get(SITE, "/fr")).status).toBe(200);
    expect(await reaches("dev", await addressOf("dev"))).toBe("connected");
    expect(await reaches("dev", await addressOf("qa"))).not.toBe("connected");
    expect(await isInternal("qa")).toBe(true);
    expect(await isInternal("dev")).toBe(false);
  });

  /** Tries to open a connection from a container of an environment; tells how that ended. */
  async function reaches(environment: string, address: string): Promise<string> {
    const { id } = await appContainer(environment);
    const script = `require("node:net").connect({ host: "${address}", port: 8080, timeout: 2000 })
      .on("connect", () => { console.log("connected"); process.exit(); })
      .on("timeout", () => { console.log("timeout"); process.exit(); })
      .on("error", ({ code }) => { console.log(code); process.exit(); })`;
    const { stdout } = await execa("docker", ["exec", id, "node", "-e", script], { env: workspace.env });
    return stdout;
  }

  /** Tells whether the engine lets nothing out of an environment's network. */
  async function isInternal(environment: string): Promise<boolean | undefined> {
    const [network] = await workspace.docker.listNetworks({
      filters: { label: [`slipway.namespace=${workspace.namespace}`, `slipway.environment=${environment}`] },
    });
    return network?.Internal;
  }

  async function addressOf(environment: string): Promise<string> {
    const { NetworkSettings } = await (await appContainer(environment)).inspect();
    return Object.values(NetworkSettings.Networks)
      .map(({ IPAddress }) => IPAddress)
      .join();
  }

  async function appContainer(environment: string) {
    const [found] = await workspace.docker.listContainers({
      filters: {
        label: [`slipway.namespace=${workspace.namespace}`, "slipway.role=app", `slipway.environment=${environment}`],
      },
    });
    return workspace.docker.getContainer(found?.Id ?? "none");
  }
});
