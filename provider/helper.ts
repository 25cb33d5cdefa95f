import type Docker from "dockerode";
import { lastLogLines } from "./container-log.ts";
import { isNotFound, unlessGone } from "./docker.ts";
import { labels } from "./names.ts";

/** A container that is made for a moment, to reach what is in a volume. */
export interface Helper {
  /** Namespace whose work it does. */
  namespace: string;
  /** Volume, by name; made when it is not there. */
  volume: string;
  /** Where the volume is mounted. */
  path: string;
  /** Image that the engine has. */
  image: string;
  /** What it runs, should it be run. */
  command: readonly string[];
  /** `uid:gid` of what it runs. */
  user: string;
}

/** Uses a container that has the volume and nothing else; it is removed whatever happens. */
export async function withHelper<T>(
  docker: Docker,
  { namespace, volume, path, image, command, user }: Helper,
  use: (container: Docker.Container) => Promise<T>,
): Promise<T> {
  const container = await docker
    .createContainer({
      Image: image,
      Entrypoint: [...command],
      Cmd: [],
      User: user,
      Labels: { [labels.namespace]: namespace, [labels.role]: "helper" },
      NetworkDisabled: true,
      HostConfig: {
        Binds: [`${volume}:${path}`],
        NetworkMode: "none",
        ReadonlyRootfs: true,
        CapDrop: ["ALL"],
        SecurityOpt: ["no-new-privileges"],
        LogConfig: { Type: "json-file", Config: {} },
      },
    })
    .catch((error: unknown) => {
      throw isNotFound(error) ? new Error(`helperImage: the engine has no image ${image}; pull it first`) : error;
    });
  try {
    return await use(container);
  } finally {
    await unlessGone(container.remove({ force: true }));
  }
}

/**
 * Runs the helper's command to its end.
 *
 * @throws {Error} that begins with `complaint` when it fails, with its exit code and last log lines.
 */
export async function runHelper(container: Docker.Container, complaint: string): Promise<void> {
  await container.start();
  const { StatusCode } = (await container.wait()) as { StatusCode: number };
  if (StatusCode === 0) return;
  throw new Error(`${complaint} (exit code ${StatusCode}):\n${await lastLogLines(container)}`);
}
