import type Docker from "dockerode";
import { z } from "zod";
import { labels } from "../../provider/names.ts";
import { ExitCode, UserError } from "../errors.ts";
import { pulumi } from "../stack/pulumi.ts";
import type { PulumiContext } from "../stack/pulumi.ts";
import { readStack } from "../stack/releases.ts";
import type { Retention } from "./retention.ts";

const PLATFORM = "platform";

const outputs = z.object({
  registry: z.object({
    username: z.string(),
    namespace: z.string(),
    keep: z.object({ count: z.number(), days: z.number() }),
  }),
  registryPassword: z.string(),
});

/** The registry of the project's platform. */
export interface PlatformRegistry {
  /** Engine that it runs on; undefined for the docker command's own. */
  host: string | undefined;
  /** First word of its repositories' names and of all that the platform owns on the engine. */
  namespace: string;
  keep: Retention;
  /** `user:password` of one who may push. */
  auth: string;
}

/**
 * Reads from the stack `platform` how its registry is reached and what it keeps.
 *
 * @throws {UserError} when that stack is not deployed, or only by an earlier version of this project.
 */
export async function readRegistry(context: PulumiContext): Promise<PlatformRegistry> {
  const { host } = await readStack(PLATFORM, context.places, context.environment);
  const told = await pulumi(context, "stack", "output", "--json", "--show-secrets", "--stack", PLATFORM);
  const { data } = outputs.safeParse(JSON.parse(told));
  if (!data) {
    throw new UserError(
      `the stack ${PLATFORM} tells of no registry`,
      `Deploy it first: npm run up -- -s ${PLATFORM}`,
      ExitCode.failed,
    );
  }
  const { username, namespace, keep } = data.registry;
  return { host, namespace, keep, auth: `${username}:${data.registryPassword}` };
}

/** The registry's running container. @throws {UserError} when there is none. */
export async function registryContainer(docker: Docker, namespace: string): Promise<Docker.Container> {
  const filters = { label: [`${labels.namespace}=${namespace}`, `${labels.role}=registry`] };
  const [found] = await docker.listContainers({ filters });
  if (found) return docker.getContainer(found.Id);
  throw new UserError(
    "the registry does not run",
    `Bring it back first: pulumi up --refresh --stack ${PLATFORM}`,
    ExitCode.failed,
  );
}
