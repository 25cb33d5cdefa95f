import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Workspace } from "../test/support/workspace.ts";
import { buildServiceImage } from "./services.ts";

const STACK = "bench-databases";

/**
 * Deploys an environment with two databases, each with a replica, and a service for each.
 *
 * @returns the name of its stack.
 */
export async function upWithDatabases(workspace: Workspace): Promise<string> {
  const image = await buildServiceImage(workspace);
  const source = `import { defineEnvironment } from "../components/index.ts";
import { settings } from "./settings.ts";

const small = { image: "${image}", port: 8080, health: { path: "/", everySeconds: 10 }, memoryMb: 32 };

export default defineEnvironment({
  domain: \`${STACK}.\${settings.domain}\`,
  services: { shop: { ...small, database: "main" }, blog: { ...small, database: "texts" } },
  databases: {
    main: { engine: "postgres", memoryMb: 192, replicas: 1 },
    texts: { engine: "mariadb", memoryMb: 256, replicas: 1 },
  },
});
`;
  await writeFile(join(workspace.directory, `stacks/${STACK}.ts`), source);
  await workspace.up(STACK);
  return STACK;
}
