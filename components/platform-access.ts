import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { Bases } from "./bases.ts";
import type { Authority } from "./docker/certificate-authority.ts";
import type { RegistryAccess } from "./docker/registry.ts";
import type { PlatformOutputs } from "./platform.ts";
import type * as spec from "./spec/index.ts";

/** What an environment uses of its platform. */
export interface PlatformAccess {
  /** Signs the environment's certificates. */
  authority: Authority;
  /** Ports on which the proxy is reached. */
  ports: pulumi.Input<Pick<PlatformOutputs["ports"], "http" | "https">>;
  /** Ports for environments that have one of their own; undefined for none. */
  environmentPorts?: spec.PortRange | undefined;
  /** Takes the environment's images. */
  registry: RegistryAccess;
  /** Base images by name, each by digest. @default {} */
  bases?: Bases;
  /** Whether a supervisor runs on the engine, which starts the jobs. */
  supervisor: boolean;
  /** Where certificates are ordered; undefined where the platform names no authority. */
  acme?: (spec.Acme & { accountKey: pulumi.Input<string> }) | undefined;
}

/** The stack that every environment of a project leans on. */
export const PLATFORM_STACK = "platform";

/**
 * Reads the outputs of the project's platform stack.
 *
 * Creates `platform`, a stack reference.
 *
 * @throws {pulumi.RunError} when that stack has no outputs, since it was destroyed or never deployed to its end.
 */
export async function readPlatform(project: string): Promise<PlatformAccess> {
  // A state backend of one's own knows one organisation, and calls it so.
  const stack = new pulumi.StackReference(PLATFORM_STACK, { name: `organization/${project}/${PLATFORM_STACK}` });
  const read = async (key: string) => (await stack.getOutputDetails(key)) as Record<string, unknown>;
  const [ca, ports, registry, caPrivateKey, registryPassword, registryPullPassword, supervisor] = await Promise.all(
    ["ca", "ports", "registry", "caPrivateKey", "registryPassword", "registryPullPassword", "supervisor"].map(read),
  );
  const [acme, acmeAccountKey, bases] = await Promise.all(["acme", "acmeAccountKey", "bases"].map(read));
  const found = platformOutputs.safeParse({
    ca: ca?.value,
    ports: ports?.value,
    registry: registry?.value,
    caPrivateKey: caPrivateKey?.secretValue,
    registryPassword: registryPassword?.secretValue,
    registryPullPassword: registryPullPassword?.secretValue,
    supervisor: supervisor?.value,
    acme: acme?.value,
    acmeAccountKey: acmeAccountKey?.secretValue,
    bases: bases?.value,
  });
  if (!found.success) {
    throw new pulumi.RunError(
      `the stack ${PLATFORM_STACK} does not run, or not all that it is now: deploy it first with pulumi up --stack ${PLATFORM_STACK}`,
    );
  }
  const outputs = found.data;
  const { address, username, pullUsername } = outputs.registry;
  return {
    authority: { certificate: outputs.ca, privateKey: pulumi.secret(outputs.caPrivateKey) },
    ports: outputs.ports,
    environmentPorts: outputs.ports.environments,
    registry: {
      ...{ address, username, password: pulumi.secret(outputs.registryPassword) },
      pull: { username: pullUsername, password: pulumi.secret(outputs.registryPullPassword) },
    },
    supervisor: outputs.supervisor,
    acme:
      outputs.acme && outputs.acmeAccountKey !== undefined
        ? { ...outputs.acme, accountKey: pulumi.secret(outputs.acmeAccountKey) }
        : undefined,
    bases: outputs.bases,
  };
}

const platformOutputs = z.object({
  ca: z.string(),
  caPrivateKey: z.string(),
  ports: z.object({
    http: z.number(),
    https: z.number(),
    environments: z.object({ first: z.number(), last: z.number() }).optional(),
  }),
  registry: z.object({ address: z.string(), username: z.string(), pullUsername: z.string() }),
  registryPassword: z.string(),
  registryPullPassword: z.string(),
  // A platform that was deployed before there was one has none.
  supervisor: z.boolean().default(false),
  acme: z
    .object({ email: z.string(), directory: z.string(), directoryCertificate: z.string().optional() })
    .nullish()
    .transform((acme) => acme ?? undefined),
  acmeAccountKey: z
    .string()
    .nullish()
    .transform((key) => key ?? undefined),
  bases: z.record(z.string(), z.string()).default({}),
});
