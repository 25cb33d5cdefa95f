import { z } from "zod";

const version = z.object({ digest: z.string(), deliveredAt: z.string() });

/** A version of a data package that is in its volume. */
export type PackageVersion = z.infer<typeof version>;

/** A data package, as the state of its stack records it. */
export interface RecordedPackage {
  /** Name of its volume in the stack file. */
  name: string;
  /** Its versions, the one that is served first. */
  history: PackageVersion[];
}

// A package that was delivered by an earlier version of this project has no history yet.
const recorded = z.object({ history: z.array(version).default([]) });

const exported = z.object({
  deployment: z.object({
    resources: z
      .array(
        z.object({
          urn: z.string().default(""),
          parent: z.string().default(""),
          type: z.string(),
          delete: z.boolean().optional(),
          outputs: z.unknown().optional(),
        }),
      )
      .optional(),
  }),
});

/** Takes the data packages out of what `pulumi stack export` prints, sorted by name. */
export function parsePackages(json: unknown): RecordedPackage[] {
  const resources = exported.parse(json).deployment.resources ?? [];
  return resources
    .filter((resource) => resource.type === "slipway:index:DataPackage" && resource.delete !== true)
    .map(({ urn, parent, outputs }) => {
      // A child is called after its parent, the environment, and its own part: `dev-articles-package`.
      const own = lastOf(urn).slice(lastOf(parent).length + 1);
      return { name: own.replace(/-package$/, ""), history: recorded.parse(outputs).history };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function lastOf(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}
