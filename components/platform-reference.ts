import * as pulumi from "@pulumi/pulumi";

/** The stack that every environment of a project leans on. */
export const PLATFORM_STACK = "platform";

/**
 * Creates `platform`, a reference to the project's platform stack; undefined in that stack itself. Imports nothing else,
 * so that Pulumi decrypts the platform's outputs while the rest of the program is loaded.
 */
export function referToPlatform(): pulumi.StackReference | undefined {
  if (pulumi.getStack() === PLATFORM_STACK) return undefined;
  // A state backend of one's own knows one organisation, and calls it so.
  return new pulumi.StackReference(PLATFORM_STACK, {
    name: `organization/${pulumi.getProject()}/${PLATFORM_STACK}`,
  });
}
