import { readFile } from "node:fs/promises";
import type Docker from "dockerode";
import { connect, isNotFound } from "../../../provider/engine/engine.ts";
import type { Project } from "./project.ts";

const BUSYBOX = "/bin/busybox";

/** The engine that the tests use, as DOCKER_HOST names it. */
export function testEngine(): Promise<Docker> {
  return connect({ config: {} });
}

/** Writes a build context of a few files: busybox, a Dockerfile, and what the test adds. */
export async function writeContext(project: Project, path: string, dockerfile: readonly string[] = []): Promise<void> {
  await project.write(`${path}/busybox`, await readFile(BUSYBOX));
  await project.write(
    `${path}/Dockerfile`,
    ["FROM scratch", "COPY --chmod=755 busybox /bin/sh", ...dockerfile, 'CMD ["/bin/sh", "-c", "sleep 1000"]'].join(
      "\n",
    ),
  );
}

/** Names of the containers, running or not, that begin with the prefix. */
export async function containersOf(docker: Docker, prefix: string): Promise<string[]> {
  const containers = await docker.listContainers({ all: true, filters: { name: [`^/${prefix}`] } });
  return containers.flatMap(({ Names }) => Names.map((name) => name.slice(1))).sort();
}

/** Removes what a test may have left, if it is there. */
export async function removeIfThere(object: {
  remove: (options?: { force: boolean }) => Promise<unknown>;
}): Promise<void> {
  try {
    await object.remove({ force: true });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
