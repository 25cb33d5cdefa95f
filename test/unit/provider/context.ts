import type { ResourceContext } from "../../../provider/plugin/resource.ts";

/** A context without an engine, which writes down what a resource tells: `info: …`, `warn: …`. */
export function contextFor(told: string[] = []): ResourceContext {
  const teller = (kind: string) => (text: string) => {
    told.push(`${kind}: ${text}`);
  };
  return {
    ...{ urn: "", name: "test", config: {}, signal: new AbortController().signal, randomSeed: new Uint8Array() },
    ...{ progress: teller("progress"), info: teller("info"), warn: teller("warn") },
  };
}
