/** Stands for a value that no file of the project holds; made by {@link secret}, {@link generated} and {@link secretFile}. */
export interface Secret {
  readonly kind: "secret";
  /** Name within the stack, or of the file. */
  readonly name: string;
  /** Where the value comes from. */
  readonly from: "configuration" | "generator" | "file";
}

/** A secret as a file that belongs to somebody, as a stack file writes it. */
export interface SecretFileInput {
  secret: Secret;
  /** Numeric user and group that own the file, `"1000:1000"`. Required with `mode`. A change replaces the containers. @default - root */
  owner?: string;
  /** Octal mode of the file, such as `"0400"`. A change replaces the containers. @default "0444" - whoever is in the container reads it */
  mode?: string;
}

/** A checked secret that a program finds as a file. */
export interface SecretFile extends Secret {
  /** Numeric; undefined for root. */
  readonly owner?: string | undefined;
  /** Octal; undefined for 0444. */
  readonly mode?: string | undefined;
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
