import { z } from "zod";
import { changedProperties, sameValue } from "../../../provider/plugin/resource.ts";
import type { Properties, ResourceType } from "../../../provider/plugin/resource.ts";
import { inputFaults } from "../input-faults.ts";

const keeperValues = z.record(z.string(), z.unknown()).catch({});

/**
 * `check` and `diff` of what is drawn once: every changed input draws anew, save `keepers` in which only nulls changed
 * and an `overrideSpecial` between empty and absent (terraform-provider-random v3.9.0, plan modifiers).
 */
export function drawnOnce(schema: z.ZodType): Required<Pick<ResourceType, "check" | "diff">> {
  return {
    check: (news) => ({ inputs: news, faults: inputFaults(schema, news) }),
    diff: (olds, news) => {
      const replaces = changedProperties(whatDecides(olds.inputs), whatDecides(news));
      return { changed: changedProperties(olds.inputs, news), replaces };
    },
  };
}

function whatDecides(inputs: Properties): Properties {
  const { keepers, overrideSpecial, ...others } = inputs;
  const kept = Object.entries(keeperValues.parse(keepers ?? {})).filter(([, value]) => !sameValue(value, null));
  return {
    ...others,
    overrideSpecial: overrideSpecial === "" ? undefined : overrideSpecial,
    // An empty map of keepers is none.
    keepers: kept.length > 0 ? Object.fromEntries(kept) : undefined,
  };
}
