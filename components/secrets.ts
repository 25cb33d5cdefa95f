import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { Reveal } from "./docker/route-rules.ts";
import type * as spec from "./spec/index.ts";

/** Secrets of a stack's configuration by name; the names are none. */
export type ConfiguredSecrets = Readonly<Record<string, pulumi.Output<string>>>;

/** The secrets of an environment. */
export interface Secrets {
  reveal: Reveal;
  /** The passwords that were made, by name. Secret. */
  generated: Record<string, pulumi.Output<string>>;
}

/**
 * Makes the passwords that an environment wants generated.
 *
 * Creates `${name}-${secret}-password` for each.
 */
export function createSecrets(
  name: string,
  environment: spec.Environment,
  configured: ConfiguredSecrets,
  opts: pulumi.CustomResourceOptions,
): Secrets {
  const generated = Object.fromEntries(
    namesOf(environment, "generator").map((secret) => {
      const password = new random.RandomPassword(`${name}-${secret}-password`, { length: 32, special: false }, opts);
      return [secret, password.result];
    }),
  );
  const reveal: Reveal = ({ name: secret, from }) => {
    const value = from === "generator" ? generated[secret] : configured[secret];
    if (value === undefined) throw new Error(`secret ${secret} is revealed before it was looked for`);
    return value;
  };
  return { reveal, generated };
}

/**
 * @throws {pulumi.RunError} naming each secret that the stack's configuration does not have.
 */
export function refuseMissingSecrets(name: string, environment: spec.Environment, configured: ConfiguredSecrets): void {
  const missing = namesOf(environment, "configuration").filter((secret) => configured[secret] === undefined);
  if (missing.length === 0) return;
  const lines = missing.map(
    (secret) =>
      `secret("${secret}"): must be set for stack ${name}, got nothing; ` +
      `pulumi config set --secret --path 'slipway:secrets.${secret}' -s ${name} asks for it`,
  );
  throw new pulumi.RunError(lines.join("\n"));
}

function namesOf({ services }: spec.Environment, from: spec.Secret["from"]): string[] {
  const routes = Object.values(services).flatMap((service) => service.routes);
  const named = routes.flatMap(({ users = {} }) => Object.values(users)).filter((secret) => secret.from === from);
  return [...new Set(named.map(({ name }) => name))].sort();
}
