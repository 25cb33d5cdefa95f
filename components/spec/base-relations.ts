import { z } from "zod";
import { type Fault, pathOf } from "./error.ts";
import { buildFaults } from "./files.ts";

const sketch = z
  .object({
    bases: z.record(z.string(), z.unknown()).catch({}),
  })
  .catch({ bases: {} });

const writtenBuild = z
  .object({ args: z.record(z.string(), z.unknown()).catch({}), secrets: z.unknown().optional() })
  .catch({ args: {} });

/** Checks the base images of a platform, however faulty the rest: their files, and that they stand on nothing of ours. */
export function baseFaults(input: unknown, root: string): Fault[] {
  return Object.entries(sketch.parse(input).bases).flatMap(([name, build]) => {
    const path = ["bases", name];
    const { args, secrets } = writtenBuild.parse(build);
    const standing = Object.entries(args).filter(([, value]) => typeof value === "object");
    return [
      ...buildFaults(path, build, root),
      ...standing.map(([arg]) => fault([...path, "args", arg], "must be text: a base image stands on none of ours")),
      ...(secrets === undefined ? [] : [fault([...path, "secrets"], "must not be set: a base image is for everyone")]),
    ];
  });
}

function fault(path: readonly string[], message: string): Fault {
  return { path: pathOf(path), message };
}
