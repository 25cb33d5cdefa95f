import { join } from "node:path";
import type Docker from "dockerode";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { removeIfThere, testEngine, writeContext } from "./engine.ts";
import { Project } from "./project.ts";

let docker: Docker;
let project: Project;

function program(build: string): string {
  return `
    const image = new docker.Image("image", { imageName: prefix + ":1", skipPush: true, build: ${build} });
    export const repoDigest = image.repoDigest;
  `;
}

beforeAll(async () => {
  docker = await testEngine();
  project = await Project.create();
  await writeContext(project, "web");
});

afterAll(async () => {
  await project.remove();
  await removeIfThere(docker.getImage(`${project.prefix}:1`));
});

describe("an image that is not pushed", () => {
  it("is known by its local id", async () => {
    await project.program(program('{ context: "web" }'));
    await project.up();

    const { repoDigest } = await project.outputs();

    expect(repoDigest).toBe((await docker.getImage(`${project.prefix}:1`).inspect()).Id);
  });

  it("is built by the older builder as well", async () => {
    await project.write("web/Legacy", 'FROM scratch\nCOPY busybox /bin/sh\nLABEL builder=legacy\nCMD ["/bin/sh"]\n');
    await project.program(program('{ context: "web", dockerfile: "web/Legacy", builderVersion: "BuilderV1" }'));
    await project.up();

    expect((await docker.getImage(`${project.prefix}:1`).inspect()).Config.Labels).toEqual({ builder: "legacy" });
  });
});

describe("a build that fails", () => {
  it("shows the last lines of its output, without the values of secret arguments", async () => {
    await project.write(
      "web/Failing",
      [
        "FROM scratch",
        "COPY --chmod=755 busybox /bin/sh",
        "ARG NPM_TOKEN",
        'RUN ["/bin/sh", "-c", "echo fetching with $NPM_TOKEN; echo out of reach; exit 3"]',
      ].join("\n"),
    );
    await project.program(
      program('{ context: "web", dockerfile: "web/Failing", args: { NPM_TOKEN: "hunter2-hunter2" } }'),
    );

    const { exitCode, output } = await project.run("up", "--yes", "--skip-preview");

    expect(exitCode).not.toBe(0);
    expect(output).toContain(`build: ${join(project.directory, "web/Failing")} does not build: `);
    expect(output).toContain("exit code: 3");
    expect(output).toContain("fetching with [secret]\n");
    expect(output).toContain("out of reach\n");
    expect(output).not.toContain("hunter2-hunter2");
  });
});

describe("a preview", () => {
  it("names a context that is not there", async () => {
    await project.program(program('{ context: "nowhere" }'));

    const { exitCode, output } = await project.run("preview");

    expect(exitCode).not.toBe(0);
    expect(output).toContain("build.context");
    expect(output).toContain(`there is no directory ${join(project.directory, "nowhere")}`);
  });

  it("asks no engine", async () => {
    await project.program(`${program('{ context: "web" }')} new docker.Network(prefix, {});`);
    const saved = process.env.DOCKER_HOST;
    process.env.DOCKER_HOST = "unix:///nowhere/docker.sock";
    try {
      expect(await project.succeed("preview")).toContain("+ 1 to create");
      const { output } = await project.run("up", "--yes", "--skip-preview");
      expect(output).toContain("no Docker engine answers at unix:///nowhere/docker.sock");
    } finally {
      process.env.DOCKER_HOST = saved;
    }
  });
});
