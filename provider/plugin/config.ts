import type { Properties } from "./resource.ts";

/** Marks a secret in what the engine sends (sdk/go/common/resource/sig/sig.go); Configure gets secrets in any case. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** Decodes a plugin's configuration: the SDK sends nested settings as JSON in a string, and secrets in an envelope. */
export function decodeConfig(args: Properties): Properties {
  return Object.fromEntries(Object.entries(args).map(([key, value]) => [key, withoutEnvelopes(parsed(opened(value)))]));
}

/** Only a whole setting is JSON in a string: a password within one may begin with a bracket too. */
function parsed(value: unknown): unknown {
  if (typeof value !== "string" || !/^[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function withoutEnvelopes(value: unknown): unknown {
  const content = opened(value);
  if (Array.isArray(content)) return content.map(withoutEnvelopes);
  if (content === null || typeof content !== "object") return content;
  return Object.fromEntries(Object.entries(content).map(([key, item]) => [key, withoutEnvelopes(item)]));
}

function opened(value: unknown): unknown {
  const isEnvelope = value !== null && typeof value === "object" && Reflect.get(value, SIGNATURE) === SECRET;
  return isEnvelope ? Reflect.get(value, "value") : value;
}
