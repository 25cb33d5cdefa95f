import { statSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";
import { type Fault, pathOf, shown } from "./error.ts";
import type { DatabaseSketch, Sketch } from "./sketch.ts";

const writtenBuild = z.union([z.string(), z.object({ context: z.string(), dockerfile: z.string().optional() })]);

/** Checks that the build contexts, Dockerfiles, data packages and files of SQL of an environment are there, below `root`. */
export function fileFaults({ services, jobs, databases, volumes }: Sketch, root: string): Fault[] {
  return [
    ...Object.entries(databases).flatMap(([name, database]) => dataFaults(["databases", name, "data"], database, root)),
    ...Object.entries(services).flatMap(([name, service]) =>
      buildFaults(["services", name, "build"], service?.build, root),
    ),
    ...Object.entries(jobs).flatMap(([name, job]) => buildFaults(["jobs", name, "build"], job?.build, root)),
    ...Object.entries(volumes).flatMap(([name, volume]) =>
      volume?.package === undefined ? [] : directoryFaults(["volumes", name, "package"], volume.package, root),
    ),
  ];
}

function dataFaults(path: readonly string[], database: DatabaseSketch | undefined, root: string): Fault[] {
  const data = database?.data;
  const [setting, file] = data?.kind === "seed" ? ["file", data.file] : ["sanitize", data?.sanitize];
  if (file === undefined || statSync(resolve(root, file), { throwIfNoEntry: false })?.isFile() === true) return [];
  const message = `must be a file of the project, got ${shown(file)}; ${resolve(root, file)} is none`;
  return [{ path: pathOf([...path, setting]), message }];
}

/** Checks that a build's context and Dockerfile are there, below `root`. */
export function buildFaults(path: readonly string[], value: unknown, root: string): Fault[] {
  const { data: build } = writtenBuild.safeParse(value);
  if (build === undefined) return [];
  const context = typeof build === "string" ? build : build.context;
  if (context.trim() === "") return [];

  const missing = directoryFaults(typeof build === "string" ? path : [...path, "context"], context, root);
  if (missing.length > 0) return missing;

  const written = typeof build === "string" ? undefined : build.dockerfile;
  const dockerfile = resolve(root, context, written ?? "Dockerfile");
  if (statSync(dockerfile, { throwIfNoEntry: false })?.isFile() === true) return [];
  return written === undefined
    ? [{ path: pathOf(path), message: `must contain a Dockerfile, got ${shown(context)}; ${dockerfile} is no file` }]
    : [
        {
          path: pathOf([...path, "dockerfile"]),
          message: `must be a file, got ${shown(written)}; ${dockerfile} is none`,
        },
      ];
}

function directoryFaults(path: readonly string[], directory: string, root: string): Fault[] {
  const absolute = resolve(root, directory);
  if (statSync(absolute, { throwIfNoEntry: false })?.isDirectory() === true) return [];
  return [
    { path: pathOf(path), message: `must be a directory of the project, got ${shown(directory)}; ${absolute} is none` },
  ];
}
