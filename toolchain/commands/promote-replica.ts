import { promote } from "../../provider/database/promote.ts";
import type { Promotion } from "../../provider/database/promote.ts";
import { connect } from "../../provider/engine/engine.ts";
import { describe, ExitCode, UserError } from "../errors.ts";
import type { Places } from "../places.ts";
import { paint } from "../report.ts";
import { pulumi } from "../stack/pulumi.ts";
import { readStack } from "../stack/releases.ts";

/** What the user asks for. */
export interface PromoteReplicaOptions {
  stack: string;
  /** Database, by its name in the stack file. */
  database: string;
  /** Number of the replica; undefined for the one that has received most. */
  to: number | undefined;
  json: boolean;
}

/**
 * Makes a replica of a database its primary, and records that in the stack's configuration. The old primary is stopped
 * and never takes writes again; the next `up` makes it a replica.
 *
 * @throws {UserError} when there is no such database, or no replica that can become the primary.
 */
export async function promoteReplica(
  { stack, database, to, json }: PromoteReplicaOptions,
  places: Places,
  environment: Record<string, string>,
  output: NodeJS.WriteStream,
): Promise<number> {
  const { host, databases } = await readStack(stack, places, environment);
  const found = databases.find((each) => each.database === database);
  if (!found) {
    const names = databases.map((each) => each.database).join(", ");
    const remedy = names === "" ? "Deploy it first." : `Choose one of ${names}.`;
    throw new UserError(`there is no database "${database}" in ${stack}`, remedy, ExitCode.usage);
  }
  const docker = await connect({ config: { host: host ?? environment.DOCKER_HOST } });
  const promotion = await promote(docker, found, to).catch((error: unknown) => {
    throw new UserError(describe(error), `npm run status -- -s ${stack} shows the servers.`, ExitCode.failed);
  });
  const path = `slipway:primaries.${database}`;
  await pulumi(
    { places, environment },
    "config",
    "set",
    "--plaintext",
    "--path",
    path,
    String(promotion.to),
    "--stack",
    stack,
  );
  output.write(
    json
      ? `${JSON.stringify({ stack, database, ...promotion }, undefined, 2)}\n`
      : textOf(stack, database, promotion, output),
  );
  return ExitCode.done;
}

function textOf(stack: string, database: string, promotion: Promotion, output: NodeJS.WriteStream): string {
  const { to, from, seconds, canHaveLost, why } = promotion;
  const { green, red } = paint(output);
  const loss = canHaveLost ? red("acknowledged rows can be lost") : green("no acknowledged row is lost");
  return [
    `${database}-${to} is the primary of ${database}, after ${seconds.toFixed(1)} s without one: ${loss}, as ${why}.`,
    `Pulumi.${stack}.yaml says so: commit it. ${database}-${from} is stopped and fenced; npm run up -- -s ${stack} makes it a replica.`,
    "",
  ].join("\n");
}
