import { constants, copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { ReviewArguments } from "../arguments.ts";
import { ExitCode, UserError } from "../errors.ts";
import type { Places } from "../places.ts";
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
  const port = await portOf(context, stack, own);
  await tagReviewStack(context, { stack, branch, expires, port });
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

async function portOf(context: PulumiContext, stack: string, own: number | undefined): Promise<number | undefined> {
  const range = await readPorts(context);
  if (!range) return undefined;
  const others = (await listReviewStacks(context)).filter((other) => other.stack !== stack);
  return choosePort(range, own, new Set(others.flatMap(({ port }) => port ?? [])));
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
