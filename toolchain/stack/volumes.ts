import type Docker from "dockerode";
import { z } from "zod";
import { labels } from "../../provider/names.ts";
import { pulumi } from "./pulumi.ts";
import type { PulumiContext } from "./pulumi.ts";

const configuration = z.object({ "slipway:namespace": z.object({ value: z.string() }).optional() });

/** A volume that outlives its stack. */
export interface StackVolume {
  /** Name on the engine, `<namespace>-<stack>-<short name>`. */
  name: string;
  /** Name within the environment. */
  short: string;
}

/**
 * The volumes of a stack's environment on the engine, sorted by name; those of secrets, which never outlive it, are none.
 *
 * @throws {UserError} when there is no such stack.
 */
export async function volumesOf(stack: string, docker: Docker, context: PulumiContext): Promise<StackVolume[]> {
  const printed = await pulumi(context, "config", "--json", "--stack", stack);
  const namespace = configuration.parse(JSON.parse(printed))["slipway:namespace"]?.value ?? "slipway";
  const filters = { label: [`${labels.namespace}=${namespace}`, `${labels.environment}=${stack}`] };
  const { Volumes: found } = await docker.listVolumes({ filters });
  const prefix = `${namespace}-${stack}-`;
  return found
    .filter(({ Name, Labels }) => Name.startsWith(prefix) && Labels[labels.role] !== "secrets")
    .map(({ Name }) => ({ name: Name, short: Name.slice(prefix.length) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
