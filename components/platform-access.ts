import * as pulumi from "@pulumi/pulumi";
import type { Authority } from "./docker/certificate-authority.ts";
import type { RegistryAccess } from "./docker/registry.ts";
import type { PlatformOutputs } from "./platform.ts";

/** What an environment uses of its platform. */
export interface PlatformAccess {
  /** Signs the environment's certificates. */
  authority: Authority;
  /** Ports on which the proxy is reached. */
  ports: pulumi.Input<PlatformOutputs["ports"]>;
  /** Takes the environment's images. */
  registry: RegistryAccess;
}

/** The stack that every environment of a project leans on. */
export const PLATFORM_STACK = "platform";

/**
 * Reads the outputs of the project's platform stack.
 *
 * Creates `platform`, a stack reference. It fails when that stack has not been deployed.
 */
export function readPlatform(project: string, opts?: pulumi.CustomResourceOptions): PlatformAccess {
  const stack = new pulumi.StackReference(
    PLATFORM_STACK,
    // A state backend of one's own knows one organisation, and calls it so.
    { name: `organization/${project}/${PLATFORM_STACK}` },
    opts,
  );
  const output = <Key extends keyof PlatformOutputs>(key: Key) =>
    stack.requireOutput(key) as pulumi.Output<PlatformOutputs[Key]>;
  const registry = output("registry");
  return {
    authority: { certificate: output("ca"), privateKey: output("caPrivateKey") },
    ports: output("ports"),
    registry: {
      address: registry.address,
      username: registry.username,
      password: output("registryPassword"),
    },
  };
}
