import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import type Docker from "dockerode";
import { request } from "./request.ts";
import { startVisitor } from "./visitor.ts";
import type { Visit } from "./visitor.ts";
import { createWorkspace } from "./workspace.ts";
import type { CommandResult, Workspace } from "./workspace.ts";

const FIXTURE = resolve(import.meta.dirname, "../fixtures/faulty");
const STACK = "faults";

/** What the service `app` of the stack is to be. */
export interface Edition {
  /** Tells versions apart. */
  edition: string;
  /** How it fails; see test/fixtures/faulty/server.mjs. @default "good" */
  mode?: "good" | "exit" | "unhealthy" | "port" | "slow";
}

/** A workspace with an environment of two services, `app` and `neighbour`, of a program that fails on demand. */
export interface FaultyWorkspace extends Workspace {
  /** Declares what `app` is to be. */
  declare: (edition: Edition) => Promise<void>;
  /** Runs `pulumi up` on the environment. */
  deploy: (...flags: string[]) => Promise<CommandResult>;
  /** Starts an `up` and kills it with its plugins as soon as it shows a line. */
  killUpAt: (line: string) => Promise<void>;
  /** The edition of a service that answers now. */
  answering: (service?: string) => Promise<string>;
  /** Asks a service ten times a second until it is told to stop. */
  visit: (service?: string) => Promise<(since: number) => Promise<Visit>>;
  /** The containers of a service, running or not. */
  containers: (service?: string) => Promise<Docker.ContainerInfo[]>;
  /** The running proxy. */
  proxy: () => Promise<Docker.Container>;
}

/**
 * Makes such a workspace and deploys its first edition.
 *
 * @param options.supervisor false goes without the supervisor, whose image is built with packages from outside.
 */
export async function createFaultyWorkspace(options: { supervisor?: boolean } = {}): Promise<FaultyWorkspace> {
  const workspace = await createWorkspace();
  if (options.supervisor === false) {
    await workspace.edit("stacks/platform.ts", (text) =>
      text.replace("definePlatform({", "definePlatform({ supervisor: false,"),
    );
  }
  const { directory, docker, namespace, ports } = workspace;
  await cp(FIXTURE, join(directory, "faulty"), { recursive: true });
  const declare = (edition: Edition) => writeFile(join(directory, `stacks/${STACK}.ts`), stackFile(edition));
  const host = (service: string) => `${service}.${STACK}.localhost`;
  const found = (...labels: string[]) =>
    docker.listContainers({ all: true, filters: { label: [`slipway.namespace=${namespace}`, ...labels] } });
  await declare({ edition: "1" });
  await workspace.up("platform");
  await workspace.up(STACK);
  return {
    ...workspace,
    declare,
    deploy: (...flags) => workspace.pulumi("up", "--yes", "--skip-preview", "--stack", STACK, ...flags),
    killUpAt: (line) => killUpAt(workspace, STACK, line),
    async answering(service = "app") {
      const { status, headers } = await workspace.get(host(service), "/");
      return status === 200 ? String(headers["x-edition"]) : String(status);
    },
    async visit(service = "app") {
      const authority = String((await workspace.outputs("platform")).ca);
      return startVisitor((signal) =>
        request({ host: host(service), port: ports.https, path: "/", authority, signal }),
      );
    },
    containers: (service = "app") => found(`slipway.environment=${STACK}`, `slipway.service=${service}`),
    async proxy() {
      const [proxy] = await found("slipway.role=proxy");
      return docker.getContainer(proxy?.Id ?? "none");
    },
  };
}

function stackFile({ edition, mode = "good" }: Edition): string {
  const service = (env: object) =>
    `build: { context: "faulty", args: { NODE_IMAGE: settings.images.node } }, port: 8080, health: { path: "/up" }, ` +
    `memoryMb: 64, gateSeconds: 6, drainSeconds: 20, env: ${JSON.stringify(env)}`;
  return `import { defineEnvironment } from "../components/index.ts";
import { settings } from "./settings.ts";

export default defineEnvironment({
  domain: \`${STACK}.\${settings.domain}\`,
  services: {
    app: { ${service({ EDITION: edition, MODE: mode })}, routes: ["app"] },
    neighbour: { ${service({ EDITION: "1" })}, routes: ["neighbour"] },
  },
});
`;
}

/** Starts an `up` and kills it with its plugins as soon as it shows a line. */
export async function killUpAt({ directory, env }: Workspace, stack: string, line: string): Promise<void> {
  const up = spawn("pulumi", ["up", "--yes", "--skip-preview", "--non-interactive", "--stack", stack], {
    cwd: directory,
    env,
    // A process group of its own, which can be killed whole.
    detached: true,
  });
  const ended = once(up, "exit");
  const said = text(up.stderr);
  let output = "";
  for await (const chunk of up.stdout) {
    output += String(chunk);
    if (output.includes(line)) break;
  }
  if (!output.includes(line)) throw new Error(`the up never said "${line}":\n${output}\n${await said}`);
  process.kill(-(up.pid ?? Number.NaN), "SIGKILL");
  await ended;
}
