import { constants, copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { connect } from "../../provider/engine/engine.ts";
import { runningProxy } from "../../provider/proxy/container.ts";
import { withLock } from "../../provider/proxy/lock.ts";
import type { ReviewArguments } from "../arguments.ts";
import { ExitCode, UserError } from "../errors.ts";
import type { Places } from "../places.ts";
import { readRegistry } from "../registry/platform.ts";
import { endOf } from "../review/lifetime.ts";
import { choosePort, readPorts } from "../review/ports.ts";
import { listReviewStacks, readReviewStack, stackOfBranch, tagReviewStack } from "../review/stacks.ts";
import { deploy } from "../stack/deploy.ts";
import { pulumi } from "../stack/pulumi.ts";
import type { PulumiContext } from "../stack/pulumi.ts";

const urlsSchema = z.record(z.string(), z.array(z.string()));

/**
 * Deploys the environment of a branch and says where it answers and until when. Each deploy begins its time anew.
 *
 * @returns Pulumi's exit code.
 * @throws {UserError} when the time has passed, or the stack shows another branch of the same slug.
 */
export async function review(
  { branch, ttl, dotenv }: ReviewArguments,
  places: Places,
  environment: Record<string, string>,
  output: NodeJS.WriteStream,
): Promise<number> {
  const expires = endOf(ttl, new Date());
  const context = { places, environment };
  const stack = await stackOfBranch(branch, places);
  await copySettings(stack, places);
  await pulumi(context, "stack", "select", stack, "--create");
  const { branch: shown = branch, port: own } = await readReviewStack(context, stack);
  if (shown !== branch) throw occupied(stack, shown, branch);
  const port = await claimPort(context, { stack, branch, expires, port: own });
  if (port !== undefined) await pulumi(context, "config", "set", "slipway:port", String(port), "--stack", stack);

  const exitCode = await deploy(stack, places, environment, output);
  if (exitCode !== ExitCode.done) return exitCode;
  const urls = urlsSchema.parse(
    JSON.parse(await pulumi(context, "stack", "output", "urls", "--json", "--stack", stack)),
  );
  const addresses = Object.values(urls).flat();
  if (dotenv !== undefined) {
    await writeFile(dotenv, `SLIPWAY_STACK=${stack}\nSLIPWAY_URL=${addresses[0] ?? ""}\n`);
  }
  output.write(`\n${branch} until ${expires.toISOString()}\n${addresses.map((url) => `  ${url}\n`).join("")}`);
  return ExitCode.done;
}

/** Writes down what the stack shows, with a port where the platform has some: its own, or one that no other has. */
async function claimPort(
  context: PulumiContext,
  own: Parameters<typeof tagReviewStack>[1],
): Promise<number | undefined> {
  const range = await readPorts(context);
  if (!range) {
    await tagReviewStack(context, { ...own, port: undefined });
    return undefined;
  }
  return whileAlone(context, async () => {
    const others = (await listReviewStacks(context)).filter(({ stack }) => stack !== own.stack);
    const port = choosePort(range, own.port, new Set(others.flatMap((other) => other.port ?? [])));
    await tagReviewStack(context, { ...own, port });
    return port;
  });
}

/** Two pipelines that start at once would choose the same port: the proxy that publishes it has a lock for both. */
async function whileAlone<T>(context: PulumiContext, action: () => Promise<T>): Promise<T> {
  const { host, namespace } = await readRegistry(context);
  const proxy = await runningProxy(
    await connect({ config: { host: host ?? context.environment.DOCKER_HOST } }),
    namespace,
  );
  return withLock(proxy, { progress: () => undefined, signal: new AbortController().signal }, action);
}

/** What `Pulumi.review.yaml` says is so for every review environment; one that has a file of its own keeps it. */
async function copySettings(stack: string, { repository }: Places): Promise<void> {
  const file = (name: string) => join(repository, `Pulumi.${name}.yaml`);
  await copyFile(file("review"), file(stack), constants.COPYFILE_EXCL).catch((error: unknown) => {
    const isMeant = error instanceof Error && "code" in error && ["ENOENT", "EEXIST"].includes(String(error.code));
    if (!isMeant) throw error;
  });
}

function occupied(stack: string, shown: string, branch: string): UserError {
  return new UserError(
    `${stack} shows the branch "${shown}", whose name is the same as a stack's as that of "${branch}"`,
    `Rename one of the branches, or destroy it first: npm run destroy -- --stack ${stack}`,
    ExitCode.usage,
  );
}
