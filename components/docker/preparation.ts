import * as pulumi from "@pulumi/pulumi";
import type * as spec from "../spec/index.ts";
import { hardening } from "./hardening.ts";
import { storageOf, variablesOf } from "./program.ts";
import type { ProgramArgs } from "./program.ts";
import { JobRun } from "./slipway-resources.ts";

/** Inputs of {@link Preparation}. */
export interface PreparationArgs extends ProgramArgs {
  /** Name within the environment. */
  job: string;
  spec: spec.Job;
  /** Image by digest. A change runs the job. */
  image: pulumi.Input<string>;
  /** Version that the image is, for people. */
  version: pulumi.Input<string>;
  /** Network of the environment. */
  network: pulumi.Input<string>;
  /** What tells its database's data from other data of the same name. Another value runs the job. @default none */
  data?: pulumi.Input<string | undefined> | undefined;
  /** True where the service whose image it runs was taken back to an earlier one: what has run stays done. */
  isPinned: boolean;
}

/** What decides whether the job runs, and would be an earlier version's while a service is taken back. */
const RUN_INPUTS = ["command", "envs", "image", "mounts", "version", "volumes"];

/**
 * A job that prepares a release, such as a migration: it runs to its end before what depends on it starts, and only when
 * its image, command, variables, secrets or volumes changed, or its database was made anew or restored. When it fails, nothing that depends on it is touched.
 *
 * Creates `${name}-run` and, for a job with secrets, `${name}-secrets`.
 */
export class Preparation extends pulumi.ComponentResource {
  constructor(name: string, args: PreparationArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:docker:Preparation", name, {}, opts);

    const { owner, job, spec, image, version, data, network, isPinned } = args;
    new JobRun(
      `${name}-run`,
      {
        ...hardening({ ...spec, ...spec.relax }),
        ...owner,
        job,
        image,
        version,
        data,
        command: spec.command && [...spec.command],
        envs: variablesOf(job, args, {
          SLIPWAY_ENVIRONMENT: owner.environment,
          SLIPWAY_JOB: job,
          SLIPWAY_VERSION: version,
        }),
        ...storageOf(name, args, { parent: this }),
        network,
        user: spec.user,
        allowRoot: spec.relax.allowRoot,
        timeoutSeconds: spec.timeoutSeconds,
        pidsLimit: spec.pidsLimit,
      },
      { parent: this, ...(isPinned && { ignoreChanges: RUN_INPUTS }) },
    );
    this.registerOutputs({});
  }
}
