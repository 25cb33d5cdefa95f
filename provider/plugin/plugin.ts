import type { AnyResourceType } from "./resource.ts";

/** A Pulumi resource plugin: its name, its version and what it manages. */
export interface Plugin {
  /** Package name, the first part of each type token. */
  name: string;
  /** Version that Pulumi is told; semantic. */
  version: string;
  /** Resource types by token, such as `docker:index/container:Container`. */
  resources: Record<string, AnyResourceType>;
}
