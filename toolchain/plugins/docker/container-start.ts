import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import type { Container } from "dockerode";
import type { ResourceContext } from "../../../provider/plugin/resource.ts";
import type { ContainerInputs } from "./container-inputs.ts";
import { reasonOf } from "../../../provider/engine/engine.ts";

const POLL_MILLISECONDS = 100;
const LOG_LINES_IN_ERRORS = 10;
const PORT_TAKEN = /(?:Bind for|listen (?:tcp|udp)\d?) (\S+?):(\d+)(?: failed)?:.*(?:already allocated|already in use)/;

/** What a container that was started once is asked for afterwards. */
export interface Finished {
  exitCode?: number;
  containerLogs?: string;
}

/**
 * Starts a container, waits until it is healthy (`wait`) or has ended (`attach`).
 *
 * @throws {Error} when it does not start or does not become healthy.
 */
export async function startContainer(
  docker: Docker,
  container: Container,
  inputs: ContainerInputs,
  context: ResourceContext,
): Promise<Finished> {
  try {
    await container.start();
  } catch (error) {
    throw new Error(await explainStart(docker, inputs.name, reasonOf(error)), { cause: error });
  }
  if (inputs.wait) await untilHealthy(container, inputs, context);
  if (!inputs.attach) return {};
  context.progress("waiting until the container ends");
  await container.wait({ abortSignal: context.signal });
  const { State } = await container.inspect();
  return { exitCode: State.ExitCode, containerLogs: inputs.logs ? await logsOf(container) : undefined };
}

async function untilHealthy(container: Container, inputs: ContainerInputs, context: ResourceContext): Promise<void> {
  const seconds = inputs.waitTimeout ?? 60;
  const deadline = performance.now() + seconds * 1000;
  context.progress("waiting until the container is healthy");
  while (performance.now() < deadline) {
    const { State, Config } = await container.inspect();
    const health = State.Health?.Status;
    if (health === "healthy") return;
    if (health === undefined && Config.Healthcheck === undefined) {
      throw new Error("wait: the container has no health check to wait for: set healthcheck, or leave out wait");
    }
    if (!State.Running && !State.Restarting) {
      throw new Error(`the container ended with code ${State.ExitCode}${await lastLines(container)}`);
    }
    if (health === "unhealthy") throw new Error(`the container is unhealthy${await lastLines(container)}`);
    await sleep(POLL_MILLISECONDS, undefined, { signal: context.signal });
  }
  throw new Error(`the container was not healthy after ${seconds} s (waitTimeout)${await lastLines(container)}`);
}

async function explainStart(docker: Docker, name: string, reason: string): Promise<string> {
  const [, ip, port] = PORT_TAKEN.exec(reason) ?? [];
  if (ip === undefined || port === undefined) return `container ${name} does not start: ${reason}`;
  const holders = await docker.listContainers({ filters: { publish: [port] } });
  const holder = holders.flatMap(({ Names }) => Names.map((other) => other.slice(1))).find((other) => other !== name);
  const by = holder === undefined ? "" : ` by the container ${holder}`;
  return `ports: ${ip}:${port} is already taken${by}: stop what listens there, or set another external port`;
}

async function lastLines(container: Container): Promise<string> {
  const lines = (await logsOf(container, LOG_LINES_IN_ERRORS)).trimEnd();
  return lines === "" ? "" : `; its last lines:\n${lines}`;
}

async function logsOf(container: Container, tail?: number): Promise<string> {
  const raw = await container.logs({ stdout: true, stderr: true, tail });
  const { Config } = await container.inspect();
  return Config.Tty ? raw.toString() : demultiplexed(raw);
}

// Each frame: one byte for the stream, three empty ones, four for the length of what follows.
function demultiplexed(raw: Buffer): string {
  const parts: Buffer[] = [];
  for (let at = 0; at + 8 <= raw.length;) {
    const end = at + 8 + raw.readUInt32BE(at + 4);
    parts.push(raw.subarray(at + 8, end));
    at = end;
  }
  return Buffer.concat(parts).toString();
}
