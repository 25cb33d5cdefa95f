import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import { cloneInto } from "./backup/clone.ts";
import { replaceContent, restorerOf } from "./backup/restore.ts";
import { replacedName } from "./backup/restorer.ts";
import type { Target } from "./backup/restore.ts";
import { connect } from "./engine/engine.ts";
import { label } from "./names.ts";
import { describe } from "./plugin/describe.ts";
import { checkInputs, holdsUnknown } from "./plugin/inputs.ts";
import { UNKNOWN, changedProperties, defineResource } from "./plugin/resource.ts";
import type { ResourceContext } from "./plugin/resource.ts";

const file = z.string().min(1, "must be a path");

const inputs = z.object({
  /** Namespace of the environment. A change replaces. */
  namespace: label,
  /** Name of the server within the environment, and of the database on it. A change replaces. */
  database: label,
  engine: z.enum(["postgres", "mariadb"]),
  /** The server's container that takes writes, by id or name. */
  container: z.string().min(1),
  /** What tells the database's data from other data of the same name; a database that is made anew is filled again. */
  data: z.string().optional(),
  /** Statements that a new database begins with, on the machine that runs Pulumi. */
  seed: file.optional(),
  /** Environment whose newest proven backup a new database begins with, on the same engine. */
  clone: label.optional(),
  /** Statements that a clone is changed by before anybody sees it. */
  sanitize: file.optional(),
});

const state = inputs.extend({
  /** Hash of the files' content; computed. */
  digest: z.string(),
});

/** Inputs of {@link databaseContent}. */
export type DatabaseContentInputs = z.input<typeof inputs>;

type Content = z.output<typeof state>;

const COUNTS = ["namespace", "database", "clone", "digest"];

/**
 * What a new database begins with: a file of statements, or another environment's newest proven backup. It is put
 * together beside the database and takes its place as a whole. A database that has content already keeps it.
 */
export const databaseContent = defineResource({
  inputs: state,
  state,
  async check(news) {
    const checked = checkInputs(inputs, news);
    const files = [news.seed, news.sanitize].filter((path) => path !== undefined && path !== null);
    if (checked.faults.length > 0 || files.some(holdsUnknown)) return checked;
    const faults = [];
    const hash = createHash("sha256");
    for (const [property, path] of Object.entries({ seed: news.seed, sanitize: news.sanitize })) {
      if (typeof path !== "string") continue;
      try {
        await pipeline(createReadStream(path), hash, { end: false });
      } catch (error) {
        const reason = `${resolve(path)} cannot be read: ${describe(error)}`;
        faults.push({ property, reason });
      }
    }
    return { inputs: { ...checked.inputs, digest: hash.digest("hex") }, faults };
  },
  diff(olds, news) {
    const isOther = typeof olds.inputs.data === "string" && news.data !== UNKNOWN;
    const counts = isOther ? [...COUNTS, "data"] : COUNTS;
    const changed = changedProperties(olds.inputs, news).filter((key) => counts.includes(key));
    return { changed, replaces: changed.filter((key) => ["namespace", "database"].includes(key)) };
  },
  async create(plan, context) {
    await fill(plan, context);
    return { id: `${plan.namespace}/${plan.container}/${plan.database}`, state: plan };
  },
  async update(_id, _olds, plan, context) {
    await fill(plan, context);
    return plan;
  },
});

async function fill(plan: Content, context: ResourceContext): Promise<void> {
  const docker = await connect(context);
  const restorer = restorerOf(plan.engine);
  const target: Target = { restorer, primary: docker.getContainer(plan.container), database: plan.database };
  const place = `databases.${plan.database}.data`;
  if (!(await restorer.isEmpty(target.primary, plan.database))) {
    context.info(`${place}: ${plan.database} has content already, and keeps it`);
    return;
  }
  try {
    await replaceContent(target, async (fresh) => {
      const { seed, sanitize } = plan;
      if (plan.clone !== undefined)
        await cloneInto(docker, { ...plan, environment: plan.clone }, target, fresh, context);
      for (const statements of [seed, sanitize]) {
        if (statements === undefined) continue;
        await restorer
          .execute(target.primary, plan.database, fresh, createReadStream(statements))
          .catch((error: unknown) => {
            throw new Error(`${statements}: ${describe(error)}`);
          });
      }
    });
  } catch (error) {
    throw new Error(`${place}: ${describe(error)}`);
  }
  // What was replaced had nothing in it.
  await restorer.drop(target.primary, replacedName(plan.database));
}
