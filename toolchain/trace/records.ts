import { z } from "zod";
import { buildRecord } from "../../provider/image/build-record.ts";
import { stackNames } from "../stack/names.ts";
import { pulumi } from "../stack/pulumi.ts";
import type { PulumiContext } from "../stack/pulumi.ts";
import { parseStack } from "../stack/releases.ts";
import type { RecordedStack } from "../stack/releases.ts";

/** One build of an image. */
export type BuildRecord = z.infer<typeof buildRecord>;

/** What is recorded of a stack, with what it built and tagged. */
export interface TracedStack extends RecordedStack {
  stack: string;
  builds: BuildRecord[];
  /** Tags by the digest that they name. */
  tags: { digest: string; tags: string[] }[];
}

const exported = z.object({
  deployment: z.object({
    resources: z.array(z.object({ type: z.string(), outputs: z.unknown().optional() })).default([]),
  }),
});
const built = z.object({ builds: z.array(buildRecord) });
const tagged = z.object({ image: z.string(), tags: z.array(z.string()) });

/** Reads what is recorded of all stacks of the project. @throws {UserError} when the state cannot be read. */
export async function readRecords(context: PulumiContext): Promise<TracedStack[]> {
  return Promise.all(
    (await stackNames(context)).map(async (name) =>
      parseRecords(name, JSON.parse(await pulumi(context, "stack", "export", "--stack", name))),
    ),
  );
}

/** Takes releases, builds and tags out of what `pulumi stack export` prints. */
export function parseRecords(stack: string, json: unknown): TracedStack {
  const { resources } = exported.parse(json).deployment;
  const outputsOf = (type: string) => resources.filter((each) => each.type === type).map(({ outputs }) => outputs);
  const builds = outputsOf("slipway:index:ImageBuild").flatMap(
    (outputs) => built.safeParse(outputs).data?.builds ?? [],
  );
  const tags = outputsOf("slipway:index:ImageTags").flatMap((outputs) => {
    const { data } = tagged.safeParse(outputs);
    return data ? [{ digest: data.image.slice(data.image.indexOf("@") + 1), tags: data.tags }] : [];
  });
  return { stack, ...parseStack(json), builds, tags };
}
