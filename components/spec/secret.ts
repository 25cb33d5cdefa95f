/** Stands for a value that no file of the project holds; made by {@link secret} and {@link generated}. */
export interface Secret {
  readonly kind: "secret";
  /** Name within the stack. */
  readonly name: string;
  /** Where the value comes from. */
  readonly from: "configuration" | "generator";
}

/**
 * Stands for a value that the stack's configuration keeps encrypted, under
 * `pulumi config set --secret --path 'slipway:secrets.<name>'`.
 *
 * @example
 * users: { alice: secret("alicePassword") }
 */
export function secret(name: string): Secret {
  return { kind: "secret", name, from: "configuration" };
}

/**
 * Stands for a password of 32 letters and digits that the stack makes once and keeps; the same name is the same
 * password. `pulumi stack output passwords --show-secrets` tells it.
 *
 * @example
 * users: { reviewer: generated("reviewer") }
 */
export function generated(name: string): Secret {
  return { kind: "secret", name, from: "generator" };
}
