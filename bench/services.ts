import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CommandResult, Workspace } from "../test/support/workspace.ts";

const IMAGE_STACK = "bench-image";

/** How often services are asked whether they are healthy; those that stand by are asked rarely, as that takes time. */
export const HEALTH_SECONDS = { changing: 1, standing: 10 };

/** Small services that are all alike: `changing`, then `standing-2`, `standing-3` and so on. */
export interface Services {
  /** Name of their stack. */
  stack: string;
  /** How many there are. */
  count: number;
  /** What they run, by digest. */
  image: string;
}

/** Builds the small image, so that other stacks find it on the engine. */
export async function buildServiceImage(workspace: Workspace): Promise<string> {
  const build = `build: { context: "bench/service", args: { HAPROXY_IMAGE: settings.images.haproxy } }`;
  await up(workspace, IMAGE_STACK, [`small: { ...small(${HEALTH_SECONDS.standing}), ${build}, routes: ["small"] }`]);
  const { releases } = (await workspace.outputs(IMAGE_STACK)) as { releases: { small: { image: string } } };
  return releases.small.image;
}

/** Deploys small services; the one called `changing` answers as `release`. */
export function upServices(
  workspace: Workspace,
  { stack, count, image }: Services,
  release: number,
): Promise<CommandResult> {
  return up(workspace, stack, [
    smallService("changing", image, HEALTH_SECONDS.changing, release),
    ...standing(count).map((name) => smallService(name, image, HEALTH_SECONDS.standing)),
  ]);
}

/** The names of all services but the one that changes. */
export function standing(count: number): string[] {
  return Array.from({ length: count - 1 }, (_, index) => `standing-${index + 2}`);
}

/**
 * Deploys environments with as many routed services as asked: the first is the website with its volumes, built from its
 * context; the others are small ones.
 *
 * @returns the names of their stacks, in the same order.
 */
export async function upWithServices(workspace: Workspace, counts: readonly number[]): Promise<string[]> {
  const image = await buildServiceImage(workspace);
  const stacks: string[] = [];
  for (const count of counts) {
    const others = standing(count).map((name) => smallService(name, image, HEALTH_SECONDS.standing));
    const services = ["...website({ replicas: 1 }).services", ...others];
    await up(workspace, `bench-${count}`, services, "website({ replicas: 1 }).volumes");
    stacks.push(`bench-${count}`);
  }
  return stacks;
}

function smallService(name: string, image: string, everySeconds: number, release = 0): string {
  return `"${name}": { ...small(${everySeconds}), image: "${image}", routes: ["${name}"], env: { RELEASE: "${release}" } }`;
}

async function up(workspace: Workspace, stack: string, services: readonly string[], volumes = "{}") {
  await writeFile(
    join(workspace.directory, `stacks/${stack}.ts`),
    `import { defineEnvironment } from "../components/index.ts";
import { settings } from "./settings.ts";
import { website } from "./shared/website.ts";

const small = (everySeconds: number) => ({ port: 8080, health: { path: "/", everySeconds }, memoryMb: 32 });

export default defineEnvironment({
  domain: \`${stack}.\${settings.domain}\`,
  services: {
    ${services.join(",\n    ")},
  },
  volumes: ${volumes},
});
`,
  );
  return workspace.up(stack);
}
