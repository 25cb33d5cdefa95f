import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWorkspace, listLabelled } from "../support/workspace.ts";
import type { Workspace } from "../support/workspace.ts";

describe("a mistake in a stack file", () => {
  let workspace: Workspace;

  beforeAll(async () => {
    workspace = await createWorkspace();
    await workspace.initStack("dev");
  });

  afterAll(async () => {
    expect(await listLabelled(workspace.docker, workspace.namespace)).toEqual([]);
    await workspace.remove();
  });

  const previewWith = async (services: string, rest = "") => {
    await workspace.edit(
      "stacks/dev.ts",
      () => `import { defineEnvironment, link } from "../components/index.ts";
        export default defineEnvironment({ domain: "dev.localhost", services: ${services}, ${rest} } as never);
        void link;`,
    );
    const { exitCode, output } = await workspace.pulumi("preview", "--stack", "dev");
    expect(exitCode).not.toBe(0);
    expect(output).not.toContain("+ docker:index");
    return output;
  };
  const site = `build: "examples/website", port: 8080, health: { path: "/fr" }`;

  it.each([
    ["an unknown key", `{ web: { ${site}, replica: 2 } }`, "services.web.replica: "],
    ["a wrong unit", `{ web: { ${site}, memoryMb: "128 MB" } }`, "services.web.memoryMb: "],
    [
      "a port out of range",
      `{ web: { build: "examples/website", port: 0 } }`,
      "services.web.port: must be an integer from 1 to 65535, got 0",
    ],
    ["a dangling link", `{ web: { ${site}, env: { API: link("api") } } }`, "services.web.env.API: "],
    [
      "two services on one host",
      `{ a: { ${site}, routes: ["www"] }, b: { ${site}, routes: ["www"] } }`,
      "services.b.routes[0]: ",
    ],
    ["a missing build context", `{ web: { build: "examples/nowhere", port: 8080 } }`, "examples/nowhere"],
    ["a name that is no DNS label", `{ "Web_1": { ${site} } }`, "Web_1"],
  ])("is named with its place when it is %s", async (_mistake, services, message) => {
    const output = await previewWith(services);

    expect(output).toContain("in stacks/dev.ts:");
    expect(output).toContain(message);
  });

  it("is named together with all the others", async () => {
    const output = await previewWith(`{ web: { build: "examples/nowhere", port: 0, cpu: 1 } }`);

    expect(output).toContain("3 faults in stacks/dev.ts:");
  });

  it("is told of a setting's name too, where a default would hide it", async () => {
    await workspace.pulumi("config", "set", "slipway:httPort", "80", "--stack", "dev");
    const { exitCode, output } = await workspace.pulumi("preview", "--stack", "dev");
    await workspace.pulumi("config", "rm", "slipway:httPort", "--stack", "dev");

    expect(exitCode).not.toBe(0);
    expect(output).toContain("Pulumi.dev.yaml: slipway:httPort: no such setting; there are slipway:abandon, ");
  });

  it("is that there is no such file, and those there are get listed", async () => {
    await workspace.initStack("staging");
    const { exitCode, output } = await workspace.pulumi("preview", "--stack", "staging");

    expect(exitCode).not.toBe(0);
    expect(output).toContain("must have a stack file stacks/staging.ts");
    expect(output).toContain("there are: dev, platform, preprod, prod, review");
  });
});

describe("an engine or a state that does not answer", () => {
  let workspace: Workspace;

  beforeAll(async () => {
    workspace = await createWorkspace();
    await workspace.initStack("platform");
  });

  afterAll(async () => {
    await workspace.remove();
  });

  const up = (env: Record<string, string>) =>
    workspace.run("pulumi", ["up", "--yes", "--skip-preview", "--non-interactive", "--stack", "platform"], env);

  it("names the engine that cannot be reached and what to do", async () => {
    const { exitCode, output } = await up({ DOCKER_HOST: "unix:///nowhere/docker.sock" });

    expect(exitCode).not.toBe(0);
    expect(output).toContain("unix:///nowhere/docker.sock");
    expect(output).toContain("DOCKER_HOST");
  });

  it("names the platform that an environment leans on and that nobody deployed", async () => {
    await workspace.initStack("dev");
    const { exitCode, output } = await workspace.pulumi("preview", "--stack", "dev");

    expect(exitCode).not.toBe(0);
    expect(output).toContain("deploy it first with pulumi up --stack platform");
  });

  it("names the port that is taken", async () => {
    const server = createServer().listen(workspace.ports.registry, "127.0.0.1");
    try {
      const { exitCode, output } = await up({});

      expect(exitCode).not.toBe(0);
      expect(output).toContain(`ports: 127.0.0.1:${workspace.ports.registry} is already taken`);
    } finally {
      server.close();
    }
  });

  it("says that the passphrase is wrong, or that there is none", async () => {
    const wrong = await up({ PULUMI_CONFIG_PASSPHRASE: "wrong" });
    const missing = await workspace.run("env", [
      "-u",
      "PULUMI_CONFIG_PASSPHRASE",
      "pulumi",
      "preview",
      "--non-interactive",
      "--stack",
      "platform",
    ]);

    expect(wrong.exitCode).not.toBe(0);
    expect(wrong.output).toContain("incorrect passphrase");
    expect(missing.exitCode).not.toBe(0);
    expect(missing.output).toContain("PULUMI_CONFIG_PASSPHRASE");
  });
});

describe("a Dockerfile that fails", () => {
  it("shows the build's last lines, and the old version serves on", async () => {
    const workspace = await createWorkspace();
    try {
      await workspace.up("platform");
      await workspace.up("dev");
      await workspace.edit("examples/website/Dockerfile", (text) =>
        text.replace(/^RUN .*$/m, "RUN echo the last words; exit 7"),
      );

      const { exitCode, output } = await workspace.pulumi("up", "--yes", "--skip-preview", "--stack", "dev");

      expect(exitCode).not.toBe(0);
      expect(output).toContain("the last words");
      expect(output).toMatch(/returned a non-zero code: 7|exit code: 7/);
      expect((await workspace.get("website.dev.localhost", "/fr")).status).toBe(200);
    } finally {
      await workspace.remove();
    }
  });
});
