import { z } from "zod";

/** What an `up` would do to one resource. */
export interface Change {
  urn: string;
  operation: "created" | "changed" | "replaced" | "deleted";
  /** For people: `container`, `remote image`. */
  kind: string;
  /** Name in the program. */
  name: string;
  /** What of its inputs differs, with both values where they are short: `memory 128 → 100`. */
  differs: string[];
  /** True when it holds data that nobody can make again. */
  holdsData: boolean;
  /** True when it stays on the engine after it has left the stack. */
  retained: boolean;
}

/** What a preview says. */
export interface Preview {
  changes: Change[];
  unchanged: number;
  /** What the program or a provider tells, worst first. */
  messages: { severity: "error" | "warning" | "info"; text: string }[];
}

const OPERATIONS = {
  create: "created",
  update: "changed",
  replace: "replaced",
  delete: "deleted",
} satisfies Record<string, Change["operation"]>;

const SEVERITIES = ["error", "warning", "info"] as const;
const DATA = ["docker:index/volume:Volume"];
/** Only keep a record of what was declared, and where. */
const RECORDS = ["slipway:index:DataVolumes", "slipway:index:EnginePlace"];
/** Inputs that say nothing by their names and values. */
const IN_WORDS: Readonly<Record<string, string>> = {
  "slipway:index:DatabaseGuard replacedBy": "its container is replaced",
};
const SHORT = 40;

/** Reads what `pulumi preview --json` prints. Components and providers, which do nothing on an engine, are left out. */
export function parsePreview(json: unknown): Preview {
  const { steps, diagnostics, changeSummary } = digest.parse(json);
  return {
    changes: steps.flatMap((step) => changeOf(step) ?? []),
    unchanged: changeSummary.same ?? 0,
    messages: SEVERITIES.flatMap((severity) =>
      diagnostics
        .filter((each) => each.severity.replace("#err", "") === severity)
        .map(({ message }) => ({ severity, text: message.replace(/^(error|warning): /, "").trim() })),
    ).filter(({ text }) => text !== ""),
  };
}

function changeOf({ op, urn, oldState, newState, diffReasons, replaceReasons }: Step): Change | undefined {
  const state = newState ?? oldState;
  if (!isOperation(op) || state === undefined || !makesSomething(state)) return undefined;
  const keys = [...new Set([...(replaceReasons ?? []), ...(diffReasons ?? [])])].sort();
  return {
    urn,
    operation: OPERATIONS[op],
    kind: kindOf(state.type),
    name: urn.slice(urn.lastIndexOf("::") + 2),
    differs: keys.map(
      (key) => IN_WORDS[`${state.type} ${key}`] ?? difference(key, oldState?.inputs?.[key], newState?.inputs?.[key]),
    ),
    holdsData: DATA.includes(state.type),
    retained: oldState?.retainOnDelete ?? false,
  };
}

function makesSomething({ custom, type }: Resource): boolean {
  return custom && !type.startsWith("pulumi:") && !RECORDS.includes(type);
}

/** `docker:index/remoteImage:RemoteImage` is a `remote image`. */
function kindOf(type: string): string {
  const word = type.slice(type.lastIndexOf(":") + 1);
  return word.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter}`).toLowerCase();
}

function difference(key: string, before: unknown, after: unknown): string {
  const [old, now] = [shortText(before), shortText(after)];
  return old === undefined || now === undefined || old === now ? key : `${key} ${old} → ${now}`;
}

function shortText(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length <= SHORT ? text : undefined;
}

function isOperation(op: string): op is keyof typeof OPERATIONS {
  return Object.hasOwn(OPERATIONS, op);
}

const resource = z.object({
  type: z.string(),
  custom: z.boolean(),
  inputs: z.record(z.string(), z.unknown()).optional(),
  retainOnDelete: z.boolean().optional(),
});

const step = z.object({
  op: z.string(),
  urn: z.string(),
  oldState: resource.optional(),
  newState: resource.optional(),
  diffReasons: z.array(z.string()).optional(),
  replaceReasons: z.array(z.string()).optional(),
});

type Resource = z.infer<typeof resource>;
type Step = z.infer<typeof step>;

const digest = z.object({
  steps: z.array(step).default([]),
  diagnostics: z.array(z.object({ message: z.string(), severity: z.string() })).default([]),
  changeSummary: z.record(z.string(), z.number()).default({}),
});
