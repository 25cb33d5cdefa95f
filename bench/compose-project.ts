import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Docker from "dockerode";
import { execa } from "execa";
import getPort from "get-port";
import { stringify } from "yaml";
import { removeNetworks } from "../test/support/remove-labelled.ts";
import type { Compose } from "../toolchain/needs/compose.ts";
import { HEALTH_SECONDS, standing } from "./services.ts";
import type { Services } from "./services.ts";

/** The services of a stack, as docker compose runs them. */
export interface ComposeProject {
  /** Where the service that changes answers; its port is published. */
  url: string;
  /** Runs `up -d --wait`; the service called `changing` answers as `release`. */
  up: (release: number) => Promise<void>;
  /** Removes its containers and networks. */
  remove: () => Promise<void>;
}

/** Makes a project of services with the image, the health checks and the limits that they have in a stack. */
export async function createComposeProject(
  { command: [program, ...args] }: Compose,
  namespace: string,
  services: Services,
): Promise<ComposeProject> {
  const directory = await mkdtemp(join(tmpdir(), "slipway-compose-"));
  const file = join(directory, "compose.yaml");
  const port = await getPort();
  const name = `${namespace}-${services.stack}`;
  const compose = (...more: string[]) => execa(program, [...args, "--file", file, ...more]);
  return {
    url: `http://changing.localhost:${port}`,
    async up(release) {
      await writeFile(file, stringify(projectOf(name, services, port, release)));
      await compose("up", "--detach", "--wait");
    },
    async remove() {
      // It fails at a network that the engine keeps, when all containers are gone.
      await compose("down", "--timeout", "1").catch(() => undefined);
      await removeNetworks(new Docker(), [`com.docker.compose.project=${name}`]);
      await rm(directory, { recursive: true });
    },
  };
}

function projectOf(name: string, { count, image }: Services, port: number, release: number): object {
  const changing = {
    ...service(image, HEALTH_SECONDS.changing),
    environment: { RELEASE: String(release) },
    ports: [`127.0.0.1:${port}:8080`],
  };
  const others = standing(count).map((name): [string, object] => [name, service(image, HEALTH_SECONDS.standing)]);
  return { name, services: { changing, ...Object.fromEntries<object>(others) } };
}

function service(image: string, everySeconds: number): object {
  return {
    image,
    init: true,
    read_only: true,
    tmpfs: "/tmp:rw,noexec,nosuid,nodev,size=64m",
    cap_drop: ["ALL"],
    security_opt: ["no-new-privileges:true"],
    mem_limit: "32m",
    memswap_limit: "32m",
    cpus: 0.5,
    pids_limit: 200,
    restart: "unless-stopped",
    healthcheck: {
      test: ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/"],
      interval: `${everySeconds}s`,
    },
  };
}
