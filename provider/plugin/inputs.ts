import { z } from "zod";
import { UNKNOWN } from "./resource.ts";
import type { InputFault, Properties } from "./resource.ts";

/**
 * Checks inputs against their schema and fills in its defaults. What is not known yet, which is so in previews, stays
 * as it is; so do properties that the schema does not name, each with a fault.
 */
export function checkInputs(schema: z.ZodObject, news: Properties): { inputs: Properties; faults: InputFault[] } {
  const faults: InputFault[] = unknownNames(schema, news);
  const inputs: Properties = { ...news };
  for (const [property, type] of Object.entries(schema.shape)) {
    if (holdsUnknown(news[property])) continue;
    const parsed = z.safeParse(type, news[property]);
    if (!parsed.success) faults.push(...toFaults(property, parsed.error));
    else if (parsed.data !== undefined) inputs[property] = parsed.data;
  }
  return { inputs, faults };
}

/** True when a value, or a part of it, is known only once something else has been made. */
export function holdsUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  return value !== null && typeof value === "object" && Object.values(value).some(holdsUnknown);
}

function unknownNames(schema: z.ZodObject, news: Properties): InputFault[] {
  return Object.keys(news)
    .filter((property) => !property.startsWith("__") && !(property in schema.shape))
    .map((property) => ({
      property,
      reason: `is no input of this resource; it has ${Object.keys(schema.shape).sort().join(", ")}`,
    }));
}

function toFaults(property: string, error: z.ZodError): InputFault[] {
  return error.issues.map((issue) => ({
    property: [property, ...issue.path.map(String)].join("."),
    reason: issue.message,
  }));
}
