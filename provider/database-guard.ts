import type Docker from "dockerode";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { Demultiplexer } from "./backup/demultiplexer.ts";
import { backupJob, takeBackup } from "./backup/job.ts";
import { connect, unlessGone } from "./engine/engine.ts";
import { exec } from "./engine/exec.ts";
import { dockerName, label, labels } from "./names.ts";
import { describe } from "./plugin/describe.ts";
import { checkInputs } from "./plugin/inputs.ts";
import { changedProperties, defineResource } from "./plugin/resource.ts";
import type { ResourceContext } from "./plugin/resource.ts";

const inputs = z.object({
  /** Namespace of the environment. A change replaces. */
  namespace: label,
  /** Environment of the server. A change replaces. */
  environment: label,
  /** Name of the server within the environment. A change replaces. */
  database: label,
  engine: z.enum(["postgres", "mariadb"]),
  /** Container that has the data, by name. */
  container: dockerName,
  /** Its volume, for what is said. */
  volume: dockerName,
  /** Image of the server, which the engine has. */
  image: z.string(),
  /** What else a change of replaces the container. */
  replacedBy: z.string(),
});

/** Inputs of {@link databaseGuard}. */
export type DatabaseGuardInputs = z.input<typeof inputs>;

type Guarded = z.output<typeof inputs>;

const IDENTITY = ["namespace", "environment", "database"];
const PROGRAMS = { postgres: "postgres", mariadb: "mariadbd" };

/**
 * Comes before a database's containers: when they are about to be replaced it refuses an image that cannot read the data,
 * and takes a backup, where the database has one. What it refuses leaves everything running as it is.
 */
export const databaseGuard = defineResource({
  inputs,
  state: inputs,
  check: (news) => checkInputs(inputs, news),
  diff(olds, news) {
    const changed = changedProperties(olds.inputs, news).filter((key) => key !== "container" && key !== "volume");
    return { changed, replaces: changed.filter((key) => IDENTITY.includes(key)) };
  },
  create: (plan) => Promise.resolve({ id: `${plan.namespace}/${plan.environment}/${plan.database}`, state: plan }),
  async update(_id, _olds, plan, context) {
    await guard(await connect(context), plan, context);
    return plan;
  },
});

async function guard(docker: Docker, plan: Guarded, context: ResourceContext): Promise<void> {
  const server = docker.getContainer(plan.container);
  const info = await unlessGone<Docker.ContainerInspectInfo>(server.inspect());
  // What does not run has nothing to be lost by a deploy, and answers nobody.
  if (!info?.State.Running || endsAtEachStart(info)) return;
  await refuseOtherVersion(docker, server, plan);
  const job = await backupJob(docker, plan);
  if (!job) return;
  context.progress(`taking a backup of ${plan.database} before its container is replaced`);
  try {
    await takeBackup(job);
  } catch (error) {
    throw new Error(
      `databases.${plan.database}: is to be replaced, and no backup of it could be taken before: ${describe(error)}\n` +
        `Nothing was replaced. Mend that, or take backup out of the stack file to go without.`,
    );
  }
  context.info(`${plan.database} was backed up before its container is replaced`);
}

/** The engine says that it runs in between. */
function endsAtEachStart({ RestartCount, State }: Docker.ContainerInspectInfo): boolean {
  return State.Restarting || (RestartCount > 0 && State.Health?.Status !== "healthy");
}

async function refuseOtherVersion(docker: Docker, server: Docker.Container, plan: Guarded): Promise<void> {
  const { engine, database, environment, image, container, volume } = plan;
  const command = [PROGRAMS[engine], "--version"];
  const [now, then] = await Promise.all([exec(server, command), printedBy(docker, plan, command)]);
  const [data, program] = [versionIn(engine, now.stdout), versionIn(engine, then)];
  if (data === program) return;
  throw new Error(
    `databases.${database}: its data is of ${engine} ${data} and ${image} is ${program}, which does not read it. Nothing was replaced. ` +
      `To move over: npm run backup -- -s ${environment} ${database}; then remove the old data by name, ` +
      `docker rm -f ${container} && docker volume rm ${volume}; then npm run up -- -s ${environment} --refresh, ` +
      `and npm run restore -- -s ${environment} ${database}`,
  );
}

/** What an image's program prints, in a container that is made for it. */
async function printedBy(docker: Docker, { namespace, image }: Guarded, command: string[]): Promise<string> {
  const container = await docker.createContainer({
    Image: image,
    Entrypoint: command,
    Cmd: [],
    Labels: { [labels.namespace]: namespace, [labels.role]: "helper" },
    HostConfig: { NetworkMode: "none", CapDrop: ["ALL"], LogConfig: { Type: "none", Config: {} } },
  });
  try {
    const attached = await container.attach({ stream: true, stdout: true, stderr: true });
    await container.start();
    return await text(attached.pipe(new Demultiplexer()));
  } finally {
    await unlessGone<unknown>(container.remove({ force: true, v: true }));
  }
}

/** The part of a version that says which data a server reads: 15 of PostgreSQL 15.18, 10.11 of MariaDB 10.11.19. */
export function versionIn(engine: Guarded["engine"], printed: string): string {
  const pattern = engine === "postgres" ? /(\d+)(?:\.\d+|beta|rc)/ : /Ver (\d+\.\d+)/;
  return pattern.exec(printed)?.[1] ?? printed.trim();
}
