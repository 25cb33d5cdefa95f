import * as pulumi from "@pulumi/pulumi";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { SpecificationError, stackFileFor } from "../../components/index.ts";
import type { Declaration } from "../../components/index.ts";

const STACKS = join(import.meta.dirname, "..");

/**
 * The declaration of a stack: what `stacks/<stack>.ts` exports by default, or `stacks/review.ts` for `review-*`.
 *
 * @throws {pulumi.RunError} when there is no such file, which names those there are; when the file exports no
 * declaration; and when the declaration has faults, with all of them.
 */
export async function loadStackFile(stack: string): Promise<Declaration> {
  const files = await readdir(STACKS);
  const file = plainly("stacks/", () => stackFileFor(stack, files));
  const module = await importStackFile(file);
  if (module.default !== undefined) return module.default;
  throw new pulumi.RunError(
    `stacks/${file}: must export what defineEnvironment or definePlatform returns as its default, got none`,
  );
}

async function importStackFile(file: string): Promise<{ default?: Declaration }> {
  try {
    return (await import(join(STACKS, file))) as { default?: Declaration };
  } catch (error) {
    return plainly(`stacks/${file}`, () => {
      throw error;
    });
  }
}

/** A fault of the user's is told without a stack trace, which Pulumi does for a RunError. */
function plainly<T>(place: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw error instanceof SpecificationError ? new pulumi.RunError(error.in(place).message) : error;
  }
}
