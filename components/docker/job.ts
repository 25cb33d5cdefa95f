import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type * as spec from "../spec/index.ts";
import { hardening, REPLACE_ON_CHANGES } from "./hardening.ts";
import { labelsFor, toLabels } from "./labels.ts";
import { storageOf, variablesOf } from "./program.ts";
import type { ProgramArgs } from "./program.ts";
import { JobRelease } from "./slipway-resources.ts";

/** Inputs of {@link Job}. */
export interface JobArgs extends ProgramArgs {
  /** Name within the environment. */
  job: string;
  spec: spec.Job & { readonly schedule: string };
  /** Image by digest. A change replaces the container. */
  image: pulumi.Input<string>;
  /** Version that the image is, for people. */
  version: pulumi.Input<string>;
  /** Network of the environment. */
  network: pulumi.Input<string>;
}

/** Time between SIGTERM and SIGKILL for a run that goes on when the job is removed. */
const STOP_SECONDS = 10;

/**
 * A program that runs by a schedule: a container that is made and not started. The platform's supervisor starts it when
 * it is due, as its labels say. A deploy that replaces it waits until a run of the old version has ended.
 *
 * Creates `${name}-container`, `${name}-release` and, for a job with secrets, `${name}-secrets`.
 */
export class Job extends pulumi.ComponentResource {
  constructor(name: string, args: JobArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:docker:Job", name, {}, opts);

    const { owner, job, spec } = args;
    const storage = storageOf(name, args, { parent: this });
    const container = new docker.Container(
      `${name}-container`,
      { ...planJob(args), ...storage },
      {
        parent: this,
        // A run of the old version ends in its own time, for which the release waits.
        deleteBeforeReplace: false,
        replaceOnChanges: REPLACE_ON_CHANGES,
      },
    );
    new JobRelease(
      `${name}-release`,
      {
        namespace: owner.namespace,
        environment: owner.environment,
        job,
        container: container.name,
        waitSeconds: spec.timeoutSeconds,
        pidsLimit: spec.pidsLimit,
        allowRoot: spec.relax.allowRoot,
      },
      { parent: this },
    );

    this.registerOutputs({});
  }
}

/** What a job's container is made of, without its storage. */
function planJob(args: JobArgs): docker.ContainerArgs {
  const { owner, job, spec, image, version, network } = args;
  return {
    ...hardening({ ...spec, ...spec.relax }),
    image,
    command: spec.command && [...spec.command],
    envs: variablesOf(job, args, {
      SLIPWAY_ENVIRONMENT: owner.environment,
      SLIPWAY_JOB: job,
      SLIPWAY_VERSION: version,
    }),
    labels: pulumi.output(version).apply((known) => [
      ...labelsFor(owner, { role: "job", version: known }),
      ...toLabels({
        "slipway.catchUp": String(spec.catchUp),
        "slipway.job": job,
        "slipway.schedule": spec.schedule,
        "slipway.timeZone": spec.timeZone,
        "slipway.timeoutSeconds": String(spec.timeoutSeconds),
      }),
    ]),
    user: spec.user,
    networksAdvanced: [{ name: network }],
    restart: "no",
    start: false,
    mustRun: false,
    destroyGraceSeconds: STOP_SECONDS,
  };
}
