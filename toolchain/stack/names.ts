import { z } from "zod";
import { pulumi } from "./pulumi.ts";
import type { PulumiContext } from "./pulumi.ts";

const listed = z.array(z.object({ name: z.string() }));

/** The names of all stacks of the project, sorted. @throws {UserError} when they cannot be told. */
export async function stackNames(context: PulumiContext): Promise<string[]> {
  const stacks = listed.parse(JSON.parse(await pulumi(context, "stack", "ls", "--json")));
  return stacks.map(({ name }) => name.slice(name.lastIndexOf("/") + 1)).sort();
}
