import type { z } from "zod";
import { UNKNOWN } from "../../provider/plugin/resource.ts";
import type { InputFault, Properties } from "../../provider/plugin/resource.ts";

/**
 * Names every input that does not fit the schema, with its path as the user wrote it. What a preview does not know yet
 * is passed over, and so are the hidden inputs that a check adds itself (`__defaults`).
 */
export function inputFaults(schema: z.ZodType, inputs: Properties): InputFault[] {
  const visible = Object.fromEntries(Object.entries(inputs).filter(([key]) => !key.startsWith("__")));
  const { error } = schema.safeParse(visible);
  return (error?.issues ?? []).flatMap((issue): InputFault[] => {
    if (valueAt(visible, issue.path) === UNKNOWN) return [];
    if (issue.code !== "unrecognized_keys") return [{ property: toPath(issue.path), reason: issue.message }];
    return issue.keys.map((key) => ({
      property: toPath([...issue.path, key]),
      reason: `Slipway's stand-in for this plugin does not know the input "${key}": leave it out, or use the official plugin`,
    }));
  });
}

function valueAt(inputs: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined),
    inputs,
  );
}

function toPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    return text === "" ? String(key) : `${text}.${String(key)}`;
  }, "");
}
