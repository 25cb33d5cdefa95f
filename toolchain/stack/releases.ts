import { execa } from "execa";
import { z } from "zod";
import { ExitCode, UserError } from "../errors.ts";
import type { Places } from "../places.ts";
import type { PulumiContext } from "./pulumi.ts";

const record = z.object({
  image: z.string(),
  version: z.string(),
  commit: z.string().optional(),
  releasedAt: z.string(),
});

const release = z.object({
  namespace: z.string(),
  environment: z.string(),
  service: z.string(),
  image: z.string(),
  version: z.string(),
  releasedAt: z.string(),
  released: z.array(z.string()),
  hosts: z.array(z.string()),
  internalPort: z.number().optional(),
  took: z.object({ gate: z.number(), switch: z.number(), drain: z.number() }),
  history: z.array(record),
});

const job = z.object({ job: z.string(), container: z.string(), data: z.string().optional() });
const JOBS = ["slipway:index:JobRelease", "slipway:index:JobRun"];

/** A job and its container, as the state of its stack records them. */
export type RecordedJob = z.infer<typeof job>;

/** A service's release, as the state of its stack records it. */
export type RecordedRelease = z.infer<typeof release>;

const database = z.object({
  namespace: z.string(),
  environment: z.string(),
  database: z.string(),
  engine: z.enum(["postgres", "mariadb"]),
  network: z.string(),
  primary: z.number(),
  synchronous: z.boolean(),
  nodes: z.array(z.object({ node: z.number(), container: z.string() })),
  data: z.record(z.string(), z.string()).optional(),
});

/** A database server with its replicas, as the state of its stack records it. */
export type RecordedDatabase = z.infer<typeof database>;

/** A release that a service can go back to. */
export type ReleaseRecord = z.infer<typeof record>;

/** What is recorded of a stack. */
export interface RecordedStack {
  /** Engine that the stack is deployed to; undefined for the docker command's own. */
  host: string | undefined;
  /** By service. */
  releases: Map<string, RecordedRelease>;
  /** Sorted by name. */
  jobs: RecordedJob[];
  /** Sorted by name. */
  databases: RecordedDatabase[];
}

const exported = z.object({
  deployment: z.object({
    resources: z
      .array(
        z.object({
          type: z.string(),
          delete: z.boolean().optional(),
          inputs: z.record(z.string(), z.unknown()).optional(),
          outputs: z.record(z.string(), z.unknown()).optional(),
        }),
      )
      .optional(),
  }),
});

/**
 * Reads what is recorded of a stack.
 *
 * @throws {UserError} when there is no such stack.
 */
export async function readStack(
  stack: string,
  places: Places,
  environment: Record<string, string>,
): Promise<RecordedStack> {
  return parseStack(await exportStack(stack, { places, environment }));
}

/**
 * What `pulumi stack export` prints of a stack.
 *
 * @throws {UserError} when there is no such stack.
 */
export async function exportStack(stack: string, { places, environment }: PulumiContext): Promise<unknown> {
  const options = { cwd: places.repository, env: environment, reject: false, all: true } as const;
  const result = await execa("pulumi", ["stack", "export", "--stack", stack, "--non-interactive"], options);
  if (result.exitCode !== 0) {
    throw new UserError(
      `--stack: cannot read stack "${stack}": ${result.all.trim()}`,
      "Name a stack that `pulumi stack ls` lists, or deploy it first: npm run up -- -s STACK",
      ExitCode.failed,
    );
  }
  return JSON.parse(result.stdout) as unknown;
}

/** Takes the releases, the jobs, the databases and the engine out of what `pulumi stack export` prints. */
export function parseStack(json: unknown): RecordedStack {
  const resources = exported.parse(json).deployment.resources ?? [];
  const present = resources.filter((resource) => resource.delete !== true);
  const releases = present
    .filter(({ type }) => type === "slipway:index:Release")
    .map(({ outputs }) => release.parse(outputs))
    .sort((a, b) => (a.service < b.service ? -1 : 1));
  const databases = present
    .filter(({ type }) => type === "slipway:index:Database")
    .map(({ outputs }) => database.parse(outputs))
    .sort((a, b) => (a.database < b.database ? -1 : 1));
  const host = present.find(({ type }) => type === "pulumi:providers:slipway")?.inputs?.host;
  return {
    host: typeof host === "string" ? host : undefined,
    releases: new Map(releases.map((each) => [each.service, each])),
    jobs: present
      .filter(({ type }) => JOBS.includes(type))
      .map(({ outputs }) => job.parse(outputs))
      .sort((a, b) => (a.job < b.job ? -1 : 1)),
    databases,
  };
}
