import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Workspace } from "../test/support/workspace.ts";

const IMAGE_STACK = "bench-image";

/**
 * Deploys environments with as many routed services as asked: the first is the website with its volumes, built from its
 * context; the others run an image by digest, a small one, so that many fit on one machine.
 *
 * @returns the names of their stacks, in the same order.
 */
export async function upWithServices(workspace: Workspace, counts: readonly number[]): Promise<string[]> {
  await up(workspace, IMAGE_STACK, [
    `small: { ...small, build: { context: "bench/service", args }, routes: ["small"] }`,
  ]);
  const { releases } = (await workspace.outputs(IMAGE_STACK)) as { releases: { small: { image: string } } };
  const stacks: string[] = [];
  for (const count of counts) {
    const others = Array.from({ length: count - 1 }, (_, index) => {
      const name = `small-${index + 2}`;
      return `"${name}": { ...small, image: "${releases.small.image}", routes: ["${name}"] }`;
    });
    stacks.push(await up(workspace, `bench-${count}`, ["...website({ replicas: 1 }).services", ...others]));
  }
  return stacks;
}

async function up(workspace: Workspace, stack: string, services: readonly string[]): Promise<string> {
  await writeFile(
    join(workspace.directory, `stacks/${stack}.ts`),
    `import { defineEnvironment } from "../components/index.ts";
import { settings } from "./settings.ts";
import { website } from "./shared/website.ts";

const args = { HAPROXY_IMAGE: settings.images.haproxy };
const small = { port: 8080, health: { path: "/", everySeconds: 10 }, memoryMb: 32 };

export default defineEnvironment({
  domain: \`${stack}.\${settings.domain}\`,
  services: {
    ${services.join(",\n    ")},
  },
  volumes: website({ replicas: 1 }).volumes,
});
`,
  );
  await workspace.up(stack);
  return stack;
}
