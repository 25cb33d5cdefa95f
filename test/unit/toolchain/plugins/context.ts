import type { ResourceContext } from "../../../../provider/plugin/resource.ts";

/** A resource's context with no engine behind it. */
export function resourceContext(overrides: Partial<ResourceContext> = {}): ResourceContext {
  return {
    urn: "urn:pulumi:dev::shop::docker:index/container:Container::web",
    name: "web",
    config: {},
    signal: new AbortController().signal,
    randomSeed: Uint8Array.of(1, 2, 3),
    progress: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    ...overrides,
  };
}
