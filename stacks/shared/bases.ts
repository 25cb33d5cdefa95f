import type { BuildInput } from "../../components/index.ts";
import { settings } from "../settings.ts";

/**
 * Base images to choose from, the smallest that will do; [bases/README.md](../../bases/README.md) says what is in each. A platform
 * names those that it builds: `bases: { node: bases.node }` in `stacks/platform.ts`.
 */
export const bases = {
  /** Node alone, without a shell or npm. */
  node: { context: "bases/node", args: { NODE_IMAGE: settings.images.node } },
  /** A server for the files in `/site`. */
  static: { context: "bases/static", args: { NODE_IMAGE: settings.images.node } },
  /** Certificates and a user, for programs that are linked statically. */
  go: { context: "bases/go" },
} satisfies Record<string, BuildInput>;
