import { z } from "zod";
import { dockerName, label } from "../names.ts";

/** What {@link jobRun} is given. */
export const jobRunInputs = z.object({
  /** Namespace of the environment. A change replaces. */
  namespace: label,
  /** Environment that the job belongs to. A change replaces. */
  environment: label,
  /** Name of the job within its environment. A change replaces. */
  job: label,
  /** Image to run, by digest. A change runs the job. */
  image: z.string().min(1, "must be an image by digest"),
  /** Version that the image is, for people. */
  version: z.string(),
  /** Program and arguments. A change runs the job. @default - the image's own command */
  command: z.array(z.string()).min(1).optional(),
  /** Environment variables, each `NAME=value`. A change runs the job. */
  envs: z.array(z.string()),
  /** Volumes at their places, that of the secrets among them. A change runs the job. */
  volumes: z.array(z.object({ volumeName: dockerName, containerPath: z.string(), readOnly: z.boolean() })),
  /** Directories of the engine's machine, and volumes whose owner stays as it is. A change runs the job. @default none */
  mounts: z
    .array(
      z.object({
        type: z.enum(["bind", "volume"]),
        target: z.string(),
        source: z.string(),
        readOnly: z.boolean(),
        volumeOptions: z.object({ noCopy: z.boolean() }).optional(),
      }),
    )
    .optional(),
  /**
   * What tells its database's data from other data of the same name. Another value runs the job; a first one, where none was
   * known before, does not. @default - none, for a job without a database
   */
  data: z.string().optional(),
  /** Network that the program is on. */
  network: dockerName,
  /** Numeric user, with or without a group. @default - the image's own */
  user: z.string().optional(),
  /** True lets the image's own user be root. */
  allowRoot: z.boolean(),
  /** Time after which the run is stopped and counts as failed, in seconds. 1-86400. */
  timeoutSeconds: z.int().min(1).max(86_400),
  /** Processes and threads of the container. */
  pidsLimit: z.int().min(1),
  /** Memory, in MiB; there is no swap beyond it. */
  memory: z.int().min(1),
  memorySwap: z.int().min(1),
  /** CPU time in cores. */
  cpus: z.string().regex(/^\d+(\.\d+)?$/, 'must be a number of cores, such as "0.5"'),
  /** True keeps the program from writing to its root filesystem. */
  readOnly: z.boolean(),
  /** Writable places in memory: path to mount options. */
  tmpfs: z.record(z.string(), z.string()),
  /** Linux capabilities that are taken away and given back. */
  capabilities: z.object({ drops: z.array(z.string()), adds: z.array(z.string()).default([]) }),
  /** Security options of the engine, such as `no-new-privileges:true`. */
  securityOpts: z.array(z.string()),
  /** True runs a small init as the first process. */
  init: z.boolean(),
  /** Where the engine keeps what the program prints, and how much of it. */
  logDriver: z.string(),
  logOpts: z.record(z.string(), z.string()),
});

/** What a run leaves behind. */
export const jobRunState = jobRunInputs.extend({
  /** Name of the container; no other can have it, so that two runs never overlap. */
  container: dockerName,
  /** When the last run that succeeded had ended; ISO 8601, UTC. Undefined before the first. */
  ranAt: z.string().optional(),
  /** How long it took, in seconds with one decimal. */
  seconds: z.number().optional(),
});

/** A run's inputs, with every default filled in. */
export type JobRunPlan = z.output<typeof jobRunInputs>;

/** What an earlier run has left. */
export type JobRunState = z.output<typeof jobRunState>;

/** Name of a job's container: the same for every run of it, from whatever machine. */
export function containerOf({ namespace, environment, job }: Pick<JobRunPlan, "namespace" | "environment" | "job">) {
  return `${namespace}-${environment}-${job}-run`;
}
