import type Docker from "dockerode";
import { lastLogLines } from "./container-log.ts";
import { isNotFound, unlessGone } from "./engine/engine.ts";
import { labels } from "./names.ts";

/** A container that is made for a moment, to reach a volume that no running container has. */
export interface Helper {
  namespace: string;
  /** An image that the engine has. */
  image: string;
  /** A volume by name, or a directory of the engine's machine. */
  volume: string;
  /** Where it is mounted. */
  path: string;
  /** User and group that the command runs as. */
  user: string;
  /** Shell script with its arguments (`$1`, …); runs when {@link runHelper} is called. */
  command: readonly [script: string, ...args: string[]];
}

/**
 * Makes a helper, which does not run yet, uses it and removes it, whatever happens.
 *
 * @throws {Error} when the engine does not have the image.
 */
export async function withHelper<T>(
  docker: Docker,
  { namespace, image, volume, path, user, command: [script, ...args] }: Helper,
  use: (helper: Docker.Container) => Promise<T>,
): Promise<T> {
  const creation = docker.createContainer({
    Image: image,
    Entrypoint: ["sh", "-c", script, "sh", ...args],
    Cmd: [],
    User: user,
    Labels: { [labels.namespace]: namespace, [labels.role]: "helper" },
    HostConfig: {
      Binds: [`${volume}:${path}`],
      NetworkMode: "none",
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
      // An engine may send logs elsewhere; its words are needed here when it fails.
      LogConfig: { Type: "json-file", Config: {} },
    },
  });
  const helper = await creation.catch((error: unknown) => {
    throw isNotFound(error) ? new Error(`helperImage: the engine has no image ${image}; pull it first`) : error;
  });
  try {
    return await use(helper);
  } finally {
    await unlessGone<unknown>(helper.remove({ force: true }));
  }
}

/**
 * Runs the helper's command to its end.
 *
 * @throws {Error} that begins with `complaint` when it fails, with its exit code and last log lines.
 */
export async function runHelper(helper: Docker.Container, complaint: string): Promise<void> {
  await helper.start();
  const { StatusCode } = (await helper.wait()) as { StatusCode: number };
  if (StatusCode === 0) return;
  throw new Error(`${complaint} (exit code ${StatusCode}):\n${await lastLogLines(helper)}`);
}
