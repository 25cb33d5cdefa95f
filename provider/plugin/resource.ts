import type { z } from "zod";

/** What Pulumi hands a resource and gets back: a JSON object. */
export type Properties = Record<string, unknown>;

/** How Pulumi spells a value that is not known yet, which is met in previews only (sdk/go/common/resource/plugin/rpc.go). */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** One input that a check refuses: the property as the user wrote it, and why. */
export interface InputFault {
  property: string;
  reason: string;
}

/** What a resource may use while it works. */
export interface ResourceContext {
  /** The resource's URN, or an empty string where Pulumi gives none. */
  urn: string;
  /** The logical name, the last part of the URN. */
  name: string;
  /** The plugin's configuration, with nested values already decoded from JSON. */
  config: Properties;
  /** Aborted when the user stops the run (Ctrl-C); long waits end with it. */
  signal: AbortSignal;
  /** Seeds the random part of an autoname, so that a preview and its `up` agree. */
  randomSeed: Uint8Array;
  /** Shows what the resource is waiting for, on its own line of `pulumi up`; replaced by the next. */
  progress: (message: string) => void;
  /** Leaves a line in the output of `pulumi up`. */
  info: (message: string) => void;
  /** Leaves a warning in the output of `pulumi up`. */
  warn: (message: string) => void;
}

/** The same context for what has to be put back even though the user has stopped the run. */
export function uninterrupted(context: ResourceContext): ResourceContext {
  return { ...context, signal: new AbortController().signal };
}

/** How new inputs differ from what is there. */
export interface ResourceDiff {
  /** Top-level inputs that changed. Empty means that nothing is to be done. */
  changed: readonly string[];
  /** Those of `changed` that only a new object can take over. */
  replaces?: readonly string[];
  /** True deletes the old object before the new one is made. @default false */
  deleteBeforeReplace?: boolean;
}

/**
 * One resource type of a plugin. `inputs` and `state` are parsed before they reach it, except in `check` and `diff`,
 * which also see what is not known yet.
 */
export interface ResourceType<Inputs extends Properties = Properties, State extends Properties = Properties> {
  /** Parses the inputs that `create` and `update` receive. */
  inputs: z.ZodType<Inputs>;
  /** Parses the state that this type returned earlier. State always contains the inputs as well. */
  state: z.ZodType<State>;
  /** Fills in what the user left out and names what is wrong. By default the inputs stay as they are. */
  check?: (
    news: Properties,
    olds: Properties | undefined,
    context: ResourceContext,
  ) => MaybePromise<{ inputs: Properties; faults?: readonly InputFault[] }>;
  /** Compares; by default every changed input is an update. What it warns of is shown in a preview. */
  diff?: (
    olds: { inputs: Properties; state: Properties },
    news: Properties,
    context: Pick<ResourceContext, "info" | "warn">,
  ) => ResourceDiff;
  /** Makes the object. @throws {PartialFailure} when something was made but does not work. */
  create: (inputs: Inputs, context: ResourceContext) => Promise<{ id: string; state: Properties }>;
  /** Changes the object in place and returns its new state. Leave out where every change replaces. */
  update?: (id: string, olds: State, inputs: Inputs, context: ResourceContext) => Promise<Properties>;
  /**
   * What of the state that an update makes is known beforehand, beside the inputs: what a preview can tell of those who
   * depend on it. By default the inputs alone.
   */
  foresee?: (olds: { inputs: Properties; state: Properties }, news: Properties) => Properties;
  /**
   * Reads what is really there; undefined when it is gone. By default the recorded state is believed. `inputs` are
   * those of the last run, and empty when the object is imported.
   */
  read?: (
    id: string,
    state: Properties,
    context: ResourceContext,
    inputs: Properties,
  ) => Promise<{ id?: string; inputs?: Properties; state: Properties } | undefined>;
  /** Removes the object; succeeds when it is gone already. By default only the state goes. */
  delete?: (id: string, state: State, context: ResourceContext) => Promise<void>;
}

type MaybePromise<T> = T | Promise<T>;

/** Any resource type, as a plugin keeps it once its own inputs and state no longer matter. */
export type AnyResourceType = {
  [Key in keyof ResourceType]: ResourceType[Key];
};

/**
 * Declares a resource type: TypeScript takes the type of inputs and state from the two schemas, and the plugin parses
 * with them before the type's own functions run.
 *
 * @throws {z.ZodError} from the returned functions, when what Pulumi sends does not fit the schema.
 */
export function defineResource<Inputs extends Properties, State extends Properties>(
  type: ResourceType<Inputs, State>,
): AnyResourceType {
  const { create, update, delete: remove } = type;
  return {
    ...type,
    create: (inputs, context) => create(type.inputs.parse(inputs), context),
    update:
      update && ((id, olds, inputs, context) => update(id, type.state.parse(olds), type.inputs.parse(inputs), context)),
    delete: remove && ((id, state, context) => remove(id, type.state.parse(state), context)),
  };
}

/** Something was made, but it does not work: Pulumi records it with the reasons, and the next `up` mends it. */
export class PartialFailure extends Error {
  readonly id: string;
  readonly state: Properties;

  constructor(id: string, state: Properties, reason: string) {
    super(reason);
    this.name = "PartialFailure";
    this.id = id;
    this.state = state;
  }
}

/** Names the top-level inputs in which two property bags differ; absent, null and undefined are the same. */
export function changedProperties(olds: Properties, news: Properties): string[] {
  return [...new Set([...Object.keys(olds), ...Object.keys(news)])]
    .filter((key) => !key.startsWith("__") && !sameValue(olds[key], news[key]))
    .sort();
}

/** Compares two JSON values; absent and null are the same, and so is the order of an object's keys. */
export function sameValue(a: unknown, b: unknown): boolean {
  return JSON.stringify(canonical(a)) === JSON.stringify(canonical(b));
}

function canonical(value: unknown): unknown {
  if (value === undefined) return null;
  if (Array.isArray(value)) return value.map(canonical);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined && item !== null);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, canonical(item)]));
}
