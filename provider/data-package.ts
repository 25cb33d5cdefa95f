import { resolve } from "node:path";
import { z } from "zod";
import { currentDigest, deliver, KEPT_VERSIONS, switchBack } from "./data/delivery.ts";
import { digestOf } from "./data/directory.ts";
import { connect } from "./engine/engine.ts";
import { dockerName, label } from "./names.ts";
import { describe } from "./plugin/describe.ts";
import { checkInputs, holdsUnknown } from "./plugin/inputs.ts";
import { changedProperties, defineResource } from "./plugin/resource.ts";
import type { Properties, ResourceContext } from "./plugin/resource.ts";

const inputs = z.object({
  /** Namespace of the environment. */
  namespace: label,
  /** Volume that the package is delivered into, by name. A change replaces. */
  volume: dockerName,
  /** Directory on the machine that runs Pulumi; relative to the project, where Pulumi starts its plugins, or absolute. */
  directory: z.string().min(1, "must be a path"),
  /** Version that is served whatever the directory holds, by its digest; one that the volume has. @default none */
  pinned: z
    .string()
    .regex(/^[0-9a-f]{64}$/, "must be the digest of a version")
    .optional(),
  /** An image that the engine has, with `sh`, `ln` and `mv`; used for moments, to switch the package. */
  helperImage: z.string().min(1, "must be an image reference"),
});

const state = inputs.extend({
  /** Hash of the directory's content; computed. */
  digest: z.string(),
  /** Versions that the volume has, the one that is served first. */
  history: z.array(z.object({ digest: z.string(), deliveredAt: z.string() })).default([]),
});

type State = z.output<typeof state>;

/** Inputs of {@link dataPackage}. */
export type DataPackageInputs = z.input<typeof inputs>;

/** The directory itself may lie elsewhere tomorrow, and the helper is a tool: what counts is the content. */
const DELIVERED = ["namespace", "volume", "digest"];

/**
 * Content that is shipped apart from the program: `<volume>/versions/<digest>/`, and a symlink `<volume>/current` that is
 * switched at once. Running containers see the new content under `current` without a restart.
 */
export const dataPackage = defineResource({
  inputs: state.omit({ history: true }),
  state,
  async check(news) {
    const checked = checkInputs(inputs, news);
    const { directory, pinned } = news;
    if (typeof pinned === "string" && checked.faults.length === 0) {
      return { inputs: { ...checked.inputs, digest: pinned } };
    }
    if (typeof directory !== "string" || holdsUnknown(directory) || checked.faults.length > 0) return checked;
    try {
      return { inputs: { ...checked.inputs, digest: await digestOf(directory) } };
    } catch (error) {
      const reason = `${resolve(directory)} cannot be read: ${describe(error)}`;
      return { ...checked, faults: [{ property: "directory", reason }] };
    }
  },
  diff(olds, news) {
    const changed = changedProperties(olds.inputs, news).filter((key) => DELIVERED.includes(key));
    return { changed, replaces: changed.filter((key) => key === "volume") };
  },
  async create(news, context) {
    return { id: news.volume, state: await bring(news, [], context) };
  },
  update: (_id, olds, news, context) => bring(news, olds.history, context),
  async read(_id, recorded, context) {
    const known = state.parse(recorded);
    const digest = await currentDigest(await connect(context), known);
    if (digest === undefined) return undefined;
    const { history, ...own } = known;
    return { inputs: { ...own, digest }, state: { ...own, digest, history } };
  },
});

/** Serves a version: from what the volume has of it, or by sending it. */
async function bring(
  news: Omit<State, "history">,
  history: State["history"],
  context: ResourceContext,
): Promise<Properties> {
  const docker = await connect(context);
  const { digest } = news;
  if (news.pinned !== undefined) await switchBack(docker, news);
  else await deliver(docker, news);
  const others = history.filter((version) => version.digest !== digest);
  const delivered = [{ digest, deliveredAt: new Date().toISOString() }, ...others];
  return { ...news, history: delivered.slice(0, KEPT_VERSIONS) };
}
