import type Docker from "dockerode";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { removeIfThere, testEngine, writeContext } from "./engine.ts";
import { Project } from "./project.ts";

let docker: Docker;
let project: Project;
let ids: { container: string; network: string; volume: string };

beforeAll(async () => {
  docker = await testEngine();
  project = await Project.create();
  const { prefix } = project;
  await writeContext(project, "web");
  await project.program(
    'new docker.Image("image", { imageName: prefix + ":1", skipPush: true, build: { context: "web" } });',
  );
  await project.up();
  const network = await docker.createNetwork({ Name: prefix, Internal: true, Labels: { team: "shop" } });
  await docker.createVolume({ Name: prefix });
  const container = await docker.createContainer({
    name: prefix,
    Image: `${prefix}:1`,
    Env: ["A=1"],
    HostConfig: { NetworkMode: prefix, Binds: [`${prefix}:/data`], Memory: 33_554_432, MemorySwap: 33_554_432 },
  });
  await container.start();
  ids = { container: container.id, network: network.id, volume: prefix };
});

afterAll(async () => {
  await removeIfThere(docker.getContainer(ids.container));
  await removeIfThere(docker.getNetwork(ids.network));
  await removeIfThere(docker.getVolume(ids.volume));
  await project.remove();
  await removeIfThere(docker.getImage(`${project.prefix}:1`));
});

describe("import", () => {
  it("adopts what is there", async () => {
    await project.program(program(ids));

    expect(await project.up()).toContain("= 4 imported");
    expect((await project.outputs()).password).toBe("correct horse");
  });

  it("finds the inputs that things really have, so that nothing changes afterwards", async () => {
    await project.program(program());

    await project.up("--expect-no-changes");
    await project.succeed("preview", "--refresh", "--expect-no-changes");
  });
});

/** What is on the engine, declared as it is. */
function program(imported?: typeof ids): string {
  const options = (id: string | undefined) => (id === undefined ? "{}" : `{ import: "${id}" }`);
  return `
    new docker.Image("image", { imageName: prefix + ":1", skipPush: true, build: { context: "web" } });
    new docker.Network("network", {
      name: prefix,
      internal: true,
      labels: [{ label: "team", value: "shop" }],
    }, ${options(imported?.network)});
    new docker.Volume("volume", { name: prefix }, ${options(imported?.volume)});
    new docker.Container("web", {
      name: prefix,
      image: prefix + ":1",
      envs: ["A=1"],
      networksAdvanced: [{ name: prefix }],
      volumes: [{ volumeName: prefix, containerPath: "/data" }],
      memory: 32,
      memorySwap: 32,
    }, ${options(imported?.container)});
    const drawn = new random.RandomPassword("password", { length: 13 }, ${options(imported && "correct horse")});
    export const password = drawn.result;
  `;
}
