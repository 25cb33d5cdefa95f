import { z } from "zod";
import { ExitCode, UserError } from "../errors.ts";
import { pulumi } from "../stack/pulumi.ts";
import type { PulumiContext } from "../stack/pulumi.ts";

/** Ports that the platform has for environments with one of their own; undefined for none. */
export type PortRange = { first: number; last: number } | undefined;

/** Asks the stack `platform` for its ports. @throws {UserError} when it is not deployed. */
export async function readPorts(context: PulumiContext): Promise<PortRange> {
  const outputs = JSON.parse(await pulumi(context, "stack", "output", "--json", "--stack", "platform")) as unknown;
  return outputsSchema.parse(outputs).ports?.environments;
}

/**
 * The port of a review environment: the one that it has, or the first that no other has.
 *
 * @throws {UserError} when all are taken.
 */
export function choosePort(range: PortRange, own: number | undefined, taken: ReadonlySet<number>): number | undefined {
  if (!range) return undefined;
  const isFree = (port: number) => port >= range.first && port <= range.last && !taken.has(port);
  if (own !== undefined && isFree(own)) return own;
  for (let port = range.first; port <= range.last; port += 1) if (isFree(port)) return port;
  throw new UserError(
    `all ports for environments are taken, ${range.first} to ${range.last}`,
    "Destroy a review environment (npm run sweep, npm run destroy), or give the platform more: slipway:environmentPorts.",
    ExitCode.failed,
  );
}

const outputsSchema = z.object({
  ports: z.object({ environments: z.object({ first: z.number(), last: z.number() }).optional() }).optional(),
});
