import type { ResourceContext } from "../../provider/plugin/resource.ts";

/** For what a resource would say when a test does not listen. */
export const quiet: Pick<ResourceContext, "info" | "warn"> = { info: () => undefined, warn: () => undefined };
