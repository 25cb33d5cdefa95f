import { connect, unlessGone } from "../../provider/engine/engine.ts";
import { ExitCode, UserError } from "../errors.ts";
import type { PulumiContext } from "../stack/pulumi.ts";
import { readStack } from "../stack/releases.ts";
import { volumesOf } from "../stack/volumes.ts";
import type { StackVolume } from "../stack/volumes.ts";
import type { Run } from "../review/remove.ts";

/**
 * Destroys an environment that is none of a review. Its volumes stay, but for those that are named.
 *
 * @param removed - volumes that go with it, by their name in the environment or on the engine; undefined when nothing was
 * said of its data.
 * @returns Pulumi's exit code.
 * @throws {UserError} when nothing was said of its data, or a volume is named that it does not have; nothing is then touched.
 */
export async function destroyStack(
  { stack, removed }: { stack: string; removed: readonly string[] | undefined },
  context: PulumiContext,
  run: Run,
  output: NodeJS.WriteStream,
): Promise<number> {
  const { host } = await readStack(stack, context.places, context.environment);
  const docker = await connect({ config: { host: host ?? context.environment.DOCKER_HOST } });
  const volumes = await volumesOf(stack, docker, context);
  const going = chosen(stack, volumes, removed);
  const exitCode = await run("destroy", "--yes", "--skip-preview", "--non-interactive", "--stack", stack);
  if (exitCode !== ExitCode.done) return exitCode;
  for (const { name } of going) {
    await unlessGone<unknown>(docker.getVolume(name).remove());
    output.write(`${name} is removed.\n`);
  }
  for (const { name } of await volumesOf(stack, docker, context)) output.write(`${name} stays.\n`);
  return ExitCode.done;
}

/** The volumes that are named, each by either of its names. */
export function chosen(
  stack: string,
  volumes: readonly StackVolume[],
  removed: readonly string[] | undefined,
): StackVolume[] {
  const known = volumes.map(({ short }) => short).join(", ");
  if (removed === undefined) {
    throw new UserError(
      `${stack} is none of a review, and nothing is said of its data${known === "" ? "" : `: ${known}`}`,
      `--keep-data leaves all volumes on the engine, --remove-data NAME removes one: npm run destroy -- -s ${stack} --keep-data`,
      ExitCode.usage,
    );
  }
  const unknown = removed.filter((wanted) => !volumes.some(({ name, short }) => wanted === name || wanted === short));
  if (unknown.length > 0) {
    throw new UserError(
      `--remove-data: ${stack} has no volume ${unknown.map((name) => `"${name}"`).join(", ")}; nothing was touched`,
      known === "" ? "It has none." : `Choose of ${known}.`,
      ExitCode.usage,
    );
  }
  return volumes.filter(({ name, short }) => removed.includes(name) || removed.includes(short));
}
