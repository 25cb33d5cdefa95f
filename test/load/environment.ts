import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stagesOf } from "../support/stages.ts";
import type { Workspace } from "../support/workspace.ts";
import type { Release } from "./measurement.ts";

const STACK = "load";
const APP = "load-app";

/** The application of the load tests, deployed in a workspace. */
export interface LoadEnvironment {
  /** Its address behind the proxy. */
  url: string;
  /** PEM of the platform's authority. */
  authority: string;
  /** Deploys the same image as another release, a number from 0, which stands in every answer from then on. */
  release: (release: number) => Promise<Release>;
}

/** Deploys the platform and, as release 0, the application in some replicas. */
export async function createLoadEnvironment(workspace: Workspace, replicas: number): Promise<LoadEnvironment> {
  const file = join(workspace.directory, "stacks", `${STACK}.ts`);
  const release = async (number: number) => {
    await writeFile(file, stackFile(number, replicas));
    const began = performance.now();
    const { output } = await workspace.up(STACK);
    return { release: number, seconds: (performance.now() - began) / 1000, stages: stagesOf(output) };
  };
  await cp(join(import.meta.dirname, "app"), join(workspace.directory, APP), { recursive: true });
  await workspace.up("platform");
  await release(0);
  const { ca } = await workspace.outputs("platform");
  return { url: `https://app.${STACK}.localhost:${workspace.ports.https}`, authority: String(ca), release };
}

function stackFile(release: number, replicas: number): string {
  return `import { defineEnvironment } from "../components/index.ts";
import { settings } from "./settings.ts";

export default defineEnvironment({
  domain: "${STACK}.localhost",
  services: {
    app: {
      build: { context: "${APP}", args: { NODE_IMAGE: settings.images.node } },
      port: 8080,
      routes: ["app"],
      health: { path: "/" },
      replicas: ${replicas},
      cpus: 1,
      env: { RELEASE: "${release}" },
    },
  },
});
`;
}
