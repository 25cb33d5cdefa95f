import type { z } from "zod";
import { connect, unlessGone } from "./engine/engine.ts";
import { stop } from "./job/ending.ts";
import { containerOf, jobRunInputs, jobRunState } from "./job/inputs.ts";
import type { JobRunState } from "./job/inputs.ts";
import { runJob } from "./job/run.ts";
import { describe } from "./plugin/describe.ts";
import { checkInputs } from "./plugin/inputs.ts";
import { PartialFailure, UNKNOWN, changedProperties, defineResource } from "./plugin/resource.ts";
import type { Properties } from "./plugin/resource.ts";

/** Inputs of {@link jobRun}. */
export type JobRunInputs = z.input<typeof jobRunInputs>;

const IDENTITY = ["namespace", "environment", "job"];
const REASONS = ["command", "data", "envs", "image", "mounts", "volumes"];

/**
 * A job that has run to its end with exit code 0: what depends on it comes after. It runs when it is new, when its image,
 * command, variables or volumes changed, when its database was made anew or restored, and until it has succeeded.
 */
export const jobRun = defineResource({
  inputs: jobRunInputs,
  state: jobRunState,
  check: (news) => checkInputs(jobRunInputs, news),
  diff(olds, news, context) {
    const changed = changedProperties(olds.inputs, news);
    const reasons = reasonsAmong(olds.inputs, news);
    if (reasons.length > 0) {
      const why = whyIn(reasons, news);
      context.info(`${String(news.job)} runs before what waits for it is released: ${why}`);
    }
    return { changed, replaces: changed.filter((key) => IDENTITY.includes(key)), deleteBeforeReplace: true };
  },
  async create(plan, context) {
    const docker = await connect(context);
    try {
      return { id: idOf(plan), state: await runJob(docker, plan, context) };
    } catch (error) {
      // On record, so that its container goes with the environment.
      throw new PartialFailure(idOf(plan), { ...plan, container: containerOf(plan) }, describe(error));
    }
  },
  async update(_id, olds, plan, context) {
    const { container, ranAt, seconds } = olds;
    const isDone = ranAt !== undefined && reasonsAmong(olds, plan).length === 0;
    return isDone ? { ...plan, container, ranAt, seconds } : runJob(await connect(context), plan, context);
  },
  async delete(_id, { container }, context) {
    const found = (await connect(context)).getContainer(container);
    await stop(found);
    await unlessGone(found.remove({ force: true, v: true }));
  },
});

function reasonsAmong(olds: Properties, news: Properties): string[] {
  // Data that an earlier version has not told from other data is that which the job has run on.
  const isFirst = olds.data === undefined || olds.data === null;
  return changedProperties(olds, news).filter((key) => REASONS.includes(key) && !(key === "data" && isFirst));
}

function whyIn(reasons: readonly string[], { data }: Properties): string {
  if (reasons.join() === "data") {
    return data === UNKNOWN ? "if its database is made anew" : "its database was made anew or restored";
  }
  const words: Record<string, string> = { data: "database", envs: "environment", volumes: "volumes or secrets" };
  // An image brings its version along, which is a variable too.
  const told = reasons.filter((key) => key !== "envs" || !reasons.includes("image"));
  return `its ${told.map((key) => words[key] ?? key).join(", ")} changed`;
}

function idOf({ namespace, environment, job }: Pick<JobRunState, "namespace" | "environment" | "job">): string {
  return `${namespace}/${environment}/${job}`;
}
