import { connect } from "../../provider/engine/engine.ts";
import { ExitCode } from "../errors.ts";
import type { Places } from "../places.ts";
import { paint } from "../report.ts";
import { healthOf } from "../stack/health.ts";
import type { ServiceHealth } from "../stack/health.ts";
import { readStack } from "../stack/releases.ts";
import { shortDigest, table } from "../stack/table.ts";

const HEADING = ["service", "version", "digest", "released", "gate", "switch", "drain", "replicas", "health"];

/**
 * Shows what runs of a stack: each service with its version, its last release and whether its containers work.
 *
 * @returns 0 when every container works, else 1.
 */
export async function showStatus(
  { stack, json }: { stack: string; json: boolean },
  places: Places,
  environment: Record<string, string>,
  output: NodeJS.WriteStream,
): Promise<number> {
  const { host, releases } = await readStack(stack, places, environment);
  const docker = await connect({ config: { host: host ?? environment.DOCKER_HOST } });
  const services = await healthOf(docker, releases.values());
  output.write(json ? `${JSON.stringify({ stack, services }, undefined, 2)}\n` : textOf(stack, services, output));
  return services.every((service) => service.containers.every(({ works }) => works)) ? ExitCode.done : ExitCode.failed;
}

function textOf(stack: string, services: readonly ServiceHealth[], output: NodeJS.WriteStream): string {
  if (services.length === 0) return `Stack ${stack} runs no service.\n`;
  return table(
    HEADING,
    services.map(({ service, version, image, releasedAt, took, containers }) => [
      ...[service, version, shortDigest(image), releasedAt.replace(/\.\d+Z$/, "Z")],
      ...[took.gate, took.switch, took.drain].map((seconds) => `${seconds.toFixed(1)} s`),
      ...[String(containers.length), healthText(containers, output)],
    ]),
  );
}

function healthText(containers: ServiceHealth["containers"], output: NodeJS.WriteStream): string {
  const { green, red } = paint(output);
  const unwell = containers.filter(({ works }) => !works);
  const restarts = containers.reduce((sum, container) => sum + container.restarts, 0);
  const restarted = restarts === 0 ? "" : `, ${restarts} restart${restarts === 1 ? "" : "s"}`;
  if (unwell.length === 0) return green("works") + restarted;
  const which = unwell.map(({ name, state }) => `${name} ${state === "running" ? "does not answer" : `is ${state}`}`);
  return red(which.join(", ")) + restarted;
}
