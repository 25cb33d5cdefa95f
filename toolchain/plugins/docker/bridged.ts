import { createHash, randomBytes } from "node:crypto";
import type { z } from "zod";
import { changedProperties } from "../../../provider/plugin/resource.ts";
import type { Properties, ResourceContext, ResourceDiff, ResourceType } from "../../../provider/plugin/resource.ts";
import { inputFaults } from "../input-faults.ts";
import type { ReplacementRule } from "./rules.ts";

/** `check` and `diff` as Pulumi's bridge to Terraform has them: autonames, and the replacement rules of the type. */
export function bridged(rule: ReplacementRule, schema: z.ZodType): Required<Pick<ResourceType, "check" | "diff">> {
  return {
    check: (news, olds, context) => {
      const inputs = rule.autoname ? autonamed(news, olds, context) : news;
      return { inputs, faults: inputFaults(schema, inputs) };
    },
    diff: (olds, news) => diffInputs(rule, olds.inputs, news),
  };
}

/**
 * Fills in an unset name with `<logical name>-<7 hex digits>`, and keeps an earlier one until the object is replaced
 * (then Pulumi checks again without the old inputs). `__defaults` remembers that the name was not the user's, as the
 * bridge does it.
 */
export function autonamed(news: Properties, olds: Properties | undefined, context: ResourceContext): Properties {
  if (news.name !== undefined) return { ...news, __defaults: [] };
  const kept = olds !== undefined && isAutonamed(olds) ? olds.name : undefined;
  return { ...news, name: kept ?? `${context.name}-${suffix(context.randomSeed)}`, __defaults: ["name"] };
}

/** Compares inputs by the rules of a type. */
export function diffInputs(rule: ReplacementRule, olds: Properties, news: Properties): ResourceDiff {
  const changed = changedProperties(withSortedSets(rule, olds), withSortedSets(rule, news));
  const replaces = changed.filter((key) => rule.replace.includes(key));
  const deleteFirst = rule.deleteBeforeReplace === "ifNamed" ? !isAutonamed(news) : rule.deleteBeforeReplace;
  return { changed, replaces, deleteBeforeReplace: replaces.length > 0 && deleteFirst };
}

function isAutonamed(inputs: Properties): boolean {
  return Array.isArray(inputs.__defaults) && inputs.__defaults.includes("name");
}

function suffix(seed: Uint8Array): string {
  const bytes = seed.length > 0 ? createHash("sha256").update(seed).digest() : randomBytes(4);
  return bytes.toString("hex").slice(0, 7);
}

function withSortedSets(rule: ReplacementRule, inputs: Properties): Properties {
  return Object.fromEntries(
    Object.entries(inputs).map(([key, value]) => [
      key,
      rule.sets.includes(key) && Array.isArray(value) ? sorted(value) : value,
    ]),
  );
}

function sorted(items: readonly unknown[]): unknown[] {
  const keyed = items.map((item) => ({ item, key: JSON.stringify(item) }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ item }) => item);
}
