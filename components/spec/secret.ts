/** Stands for a value that no file of the project holds; made by {@link secret}, {@link generated} and {@link secretFile}. */
export interface Secret {
  readonly kind: "secret";
  /** Name within the stack, or of the file. */
  readonly name: string;
  /** Where the value comes from. */
  readonly from: "configuration" | "generator" | "file";
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
 * password. `pulumi stack output passwords --show-secrets` tells it, `npm run rotate` makes another.
 *
 * @example
 * users: { reviewer: generated("reviewer") }
 */
export function generated(name: string): Secret {
  return { kind: "secret", name, from: "generator" };
}

/**
 * Stands for the content of a file on the machine that deploys, by its name in the directory `slipway:secretsDirectory`,
 * which is no part of the project. A change of the content replaces what uses it.
 *
 * @example
 * secrets: { "tls.key": secretFile("shop-tls.key") }
 */
export function secretFile(name: string): Secret {
  return { kind: "secret", name, from: "file" };
}
