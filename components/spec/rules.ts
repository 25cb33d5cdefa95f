import { z } from "zod";
import { type Fault, pathOf, shown } from "./error.ts";
import { suggestion } from "./suggestion.ts";

const LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const HOST = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);
const ROUTE = new RegExp(`^(?:@|${LABEL}(?:\\.${LABEL})*)(?:/[A-Za-z0-9._~-]+)*$`);
const NAME = /^[a-z]([a-z0-9-]*[a-z0-9])?$/;

/** Makes a rule the message of a zod schema: `must <rule>, got <value>; <advice>`. */
export function must(rule: string, advice?: string): { error: (issue: { input?: unknown }) => string } {
  const rest = advice === undefined ? "" : `; ${advice}`;
  return { error: (issue) => `must ${rule}, got ${shown(issue.input)}${rest}` };
}

/** An integer within a range; `unit` is named in the message. */
export function integer(min: number, max: number, unit?: string): z.ZodNumber {
  const rule = must(`be an integer from ${min} to ${max}${unit === undefined ? "" : ` (${unit})`}`);
  return z.number(rule).refine((value) => Number.isInteger(value) && value >= min && value <= max, rule);
}

/** A number within a range. */
export function decimal(min: number, max: number): z.ZodNumber {
  const rule = must(`be a number from ${min} to ${max}`);
  return z.number(rule).refine((value) => value >= min && value <= max, rule);
}

/** Text that passes a test. */
export function text(test: (value: string) => boolean, rule: string, advice?: string): z.ZodString {
  return z.string(must(rule, advice)).refine(test, must(rule, advice));
}

/** True or false. */
export function flag(): z.ZodBoolean {
  return z.boolean(must("be true or false"));
}

/** A strict object; an unknown key is answered with the one that was probably meant. */
export function settings<Shape extends z.ZodRawShape>(
  of: string,
  shape: Shape,
  rule = `be an object with the settings of ${of}`,
): z.ZodObject<z.util.Writeable<Shape>, z.core.$strict> {
  const { error } = must(rule);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? issue.keys.map((key) => `is no setting of ${of}${suggestion(key, Object.keys(shape))}`).join("\n")
        : error(issue),
  });
}

/** One of two shapes, as the value tells: what is wrong with it is told of that one alone. */
export function eitherShape<First extends z.ZodType, Second extends z.ZodType>(
  isFirst: (value: unknown) => boolean,
  first: First,
  second: Second,
): z.ZodType<z.output<First> | z.output<Second>> {
  return z.unknown().transform((value, context): z.output<First> | z.output<Second> => {
    const parsed = z.safeParse(isFirst(value) ? first : second, value);
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues) {
      const { path, message } = issue;
      const keys = issue.code === "unrecognized_keys" ? issue.keys : undefined;
      context.issues.push({
        ...(keys ? { code: "unrecognized_keys", keys } : { code: "custom" }),
        path,
        message,
        input: {},
      });
    }
    return z.NEVER;
  });
}

/** Turns what zod found into faults, one for each unknown key. */
export function faultsOf(error: z.ZodError): Fault[] {
  return error.issues.flatMap((issue) => {
    if (issue.code !== "unrecognized_keys") return [{ path: pathOf(issue.path), message: issue.message }];
    const messages = issue.message.split("\n");
    return issue.keys.map((key, index) => ({ path: pathOf([...issue.path, key]), message: messages[index] ?? "" }));
  });
}

/** Whether a text is a DNS label that begins with a letter and has at most `maxLength` characters. */
export function isName(value: string, maxLength: number): boolean {
  return NAME.test(value) && value.length <= maxLength;
}

/** Tells what {@link isName} wants. */
export function nameRule(maxLength: number): string {
  return `be a name of at most ${maxLength} lower-case letters, digits and hyphens that begins with a letter and does not end with a hyphen`;
}

/** A DNS name in lower case; an IP address is none. */
export function dnsName(): z.ZodString {
  const isDnsName = (value: string): boolean => value.length <= 253 && HOST.test(value) && !/(^|\.)[0-9]+$/.test(value);
  return text(isDnsName, "be a DNS name in lower case, such as dev.localhost or example.org");
}

/** Whether a text is a host with or without a path, as a route is written in a stack file. */
export function isRoute(value: string): boolean {
  return ROUTE.test(value);
}

/** A route as it is written in a stack file. */
export function routeText(): z.ZodString {
  const examples = '"website", "website/api", "@" or "www.example.org"';
  return text(isRoute, `be a host with or without a path, such as ${examples}`);
}
