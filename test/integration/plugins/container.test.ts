import type Docker from "dockerode";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { containersOf, removeIfThere, testEngine, writeContext } from "./engine.ts";
import { Project } from "./project.ts";

let docker: Docker;
let project: Project;

/** A container that answers to its name alone, with what the test adds to it. */
function program(added: string, options = "{ deleteBeforeReplace: false }"): string {
  return `
    const image = new docker.Image("image", { imageName: prefix + ":1", skipPush: true, build: { context: "web" } });
    const web = new docker.Container(prefix, { image: image.repoDigest, ${added} }, ${options});
    export const name = web.name;
    export const id = web.id;
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

describe("a container", () => {
  it("is made under a name of its own", async () => {
    await project.program(program('envs: ["VERSION=1"]'));
    await project.up();

    const { name } = await project.outputs();

    expect(name).toMatch(new RegExp(`^${project.prefix}-[0-9a-f]{7}$`));
    expect(await containersOf(docker, project.prefix)).toEqual([name]);
  });

  it("starts its replacement before it goes", async () => {
    const { id } = await project.outputs();
    await project.program(
      program('envs: ["VERSION=2"], wait: true, healthcheck: { tests: ["CMD", "/bin/sh", "-c", ":"], interval: "1s" }'),
    );

    const output = await project.up();

    const made = output.indexOf("created replacement");
    expect(made).toBeGreaterThan(0);
    expect(output.indexOf("deleted original")).toBeGreaterThan(made);
    const { name, id: replaced } = await project.outputs();
    expect(replaced).not.toBe(id);
    expect(await containersOf(docker, project.prefix)).toEqual([name]);
  });

  it("keeps running where its replacement does not start, and nothing of that stays", async () => {
    const { id, name } = await project.outputs();
    await project.program(program('command: ["/nowhere"]'));

    const { exitCode, output } = await project.run("up", "--yes", "--skip-preview");

    expect(exitCode).not.toBe(0);
    expect(output).toContain(`container ${project.prefix}-`);
    expect(output).toContain('exec: "/nowhere": stat /nowhere: no such file or directory');
    expect(await containersOf(docker, project.prefix)).toEqual([name]);
    expect((await docker.getContainer(String(id)).inspect()).State.Running).toBe(true);
  });

  it("says what does not become healthy, with its last lines", async () => {
    await project.program(
      program(
        'command: ["/bin/sh", "-c", "echo no database; exit 3"], wait: true, ' +
          'healthcheck: { tests: ["CMD", "/bin/sh", "-c", ":"], interval: "1s" }',
      ),
    );

    const { output } = await project.run("up", "--yes", "--skip-preview");

    expect(output).toContain("the container ended with code 3; its last lines:\n");
    expect(output).toContain("no database\n");
  });

  it("names the port that is taken, and by whom", async () => {
    const ports = 'ports: [{ internal: 80, external: taken, ip: "127.0.0.1" }]';
    const holder = await docker.createContainer({
      name: `${project.prefix}-holder`,
      Image: `${project.prefix}:1`,
      HostConfig: { PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }] } },
      ExposedPorts: { "80/tcp": {} },
    });
    try {
      await holder.start();
      const port = (await holder.inspect()).NetworkSettings.Ports["80/tcp"]?.[0]?.HostPort ?? "";
      await project.program(program(ports.replace("taken", port)));

      const { output } = await project.run("up", "--yes", "--skip-preview");

      expect(output).toContain(
        `ports: 127.0.0.1:${port} is already taken by the container ${project.prefix}-holder: ` +
          "stop what listens there, or set another external port",
      );
    } finally {
      await holder.remove({ force: true });
    }
  });

  it("is updated in place where the engine can", async () => {
    await project.program(program('envs: ["VERSION=3"], memory: 32, restart: "always"'));
    await project.up();
    const { id } = await project.outputs();
    await project.program(program('envs: ["VERSION=3"], memory: 64, restart: "unless-stopped"'));

    expect(await project.up()).toContain("~ 1 updated");

    const { Id, HostConfig } = await docker.getContainer(String(id)).inspect();
    expect(Id).toBe(id);
    expect(HostConfig.Memory).toBe(67_108_864);
    expect(HostConfig.RestartPolicy?.Name).toBe("unless-stopped");
  });

  it("is made again after docker rm -f, and started again after docker stop", async () => {
    const { id } = await project.outputs();
    await docker.getContainer(String(id)).remove({ force: true });

    expect(await project.up("--refresh")).toContain("+ 1 created");
    const { id: made } = await project.outputs();
    await docker.getContainer(String(made)).stop({ t: 0 });
    expect(await project.up("--refresh")).toContain("~ 1 updated");

    const { Id, State } = await docker.getContainer(String(made)).inspect();
    expect(Id).toBe(made);
    expect(State.Running).toBe(true);
    await project.succeed("preview", "--refresh", "--expect-no-changes");
  });

  it("is brought back by a refresh to the limits that it was given", async () => {
    const { id } = await project.outputs();
    await docker.getContainer(String(id)).update({ Memory: 33_554_432, MemorySwap: 67_108_864 });

    await project.up("--refresh");

    expect((await docker.getContainer(String(id)).inspect()).HostConfig.Memory).toBe(67_108_864);
  });

  it("refuses an input that the stand-in does not know, and makes nothing", async () => {
    await project.program(program('gpus: "all"'));

    const { exitCode, output } = await project.run("preview");

    expect(exitCode).not.toBe(0);
    expect(output).toContain('Slipway\'s stand-in for this plugin does not know the input "gpus"');
  });
});
