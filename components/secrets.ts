import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { ownPasswords } from "./docker/database/own-passwords.ts";
import { readSecretFile } from "./secret-file.ts";
import type * as spec from "./spec/index.ts";

/** Secrets of a stack's configuration by name; the names are none. */
export type ConfiguredSecrets = Readonly<Record<string, pulumi.Output<string>>>;

/** How often a generated secret was rotated, and whether the value before still counts. */
export interface Rotation {
  /** Integer, 0 for the first value. */
  generation: number;
  /** True while the value before is accepted as well. */
  keepsPrevious: boolean;
}

/** Where the values of secrets come from. */
export interface SecretSources {
  /** Secrets of the stack's configuration. */
  configured: ConfiguredSecrets;
  /** Directory of secret files on this machine; undefined where none is set. */
  directory: string | undefined;
  /** Generated secrets that were rotated, by name. */
  rotations: Readonly<Record<string, Rotation>>;
}

/** The value of a secret as text. */
export type Reveal = (secret: spec.Secret) => pulumi.Output<string>;

/** The secrets of an environment, or of the platform. Every value is secret. */
export interface Secrets {
  /** The current value. */
  reveal: Reveal;
  /** The values that are accepted: the current one, then the one before while a rotation is not finished. */
  accepted: (secret: spec.Secret) => pulumi.Output<string>[];
  /** The same as `accepted`, byte by byte, in base64. */
  contents: (secret: spec.Secret) => pulumi.Output<string>[];
  /** How often a generated one was rotated; 0 for every other one. */
  generation: (secret: spec.Secret) => number;
  /** The passwords that were made, by name. */
  generated: Record<string, pulumi.Output<string>>;
}

/** The values of a secret, the current one first. */
interface Values {
  texts: pulumi.Output<string>[];
  base64: pulumi.Output<string>[];
}

/**
 * Makes the passwords that an environment wants generated, and finds its other secrets; {@link secretsOf} tells which it
 * uses.
 *
 * Creates `${name}-${secret}-password` for each generated one; for one that was rotated, its generation follows the name,
 * and while the value before counts, there are both. {@link refuseMissingSecrets} comes first.
 */
export function createSecrets(
  name: string,
  used: readonly spec.Secret[],
  sources: SecretSources,
  opts: pulumi.CustomResourceOptions,
): Secrets {
  const values = new Map(used.map((secret) => [keyOf(secret), valuesOf(name, secret, sources, opts)]));
  const find = (secret: spec.Secret): Values => {
    const found = values.get(keyOf(secret));
    if (!found) throw new TypeError(`secret ${secret.name} is used where nobody looked for it`);
    return found;
  };
  const reveal: Reveal = (secret) => first(find(secret).texts);
  const generated = used.filter(({ from }) => from === "generator");
  return {
    reveal,
    accepted: (secret) => find(secret).texts,
    contents: (secret) => find(secret).base64,
    generation: ({ name: secret, from }) => (from === "generator" ? (sources.rotations[secret]?.generation ?? 0) : 0),
    generated: Object.fromEntries(generated.map((secret) => [secret.name, reveal(secret)])),
  };
}

/**
 * Checks that every secret can be had, before anything is registered.
 *
 * @throws {pulumi.RunError} naming each one that is not set, has no file, or is rotated and not there.
 */
export function refuseMissingSecrets(name: string, used: readonly spec.Secret[], sources: SecretSources): void {
  const { configured, directory, rotations } = sources;
  const missing = used.flatMap(({ name: secret, from }) => {
    if (from === "file") return complaintOf(() => readSecretFile(secret, directory));
    if (from === "generator" || configured[secret] !== undefined) return [];
    return [
      `secret("${secret}"): must be set for stack ${name}, got nothing; ` +
        `pulumi config set --secret --path 'slipway:secrets.${secret}' -s ${name} asks for it`,
    ];
  });
  const faults = [...missing, ...idleRotations(used, rotations)];
  if (faults.length > 0) throw new pulumi.RunError(faults.join("\n"));
}

function valuesOf(
  name: string,
  { name: secret, from }: spec.Secret,
  { configured, directory, rotations }: SecretSources,
  opts: pulumi.CustomResourceOptions,
): Values {
  if (from === "file") {
    const content = readSecretFile(secret, directory);
    // An editor ends a file with a line break that no password has.
    const text = content.toString().replace(/\r?\n$/, "");
    return { texts: [pulumi.secret(text)], base64: [pulumi.secret(content.toString("base64"))] };
  }
  const texts =
    from === "generator"
      ? passwordsOf(`${name}-${secret}-password`, rotations[secret], opts)
      : Object.entries(configured).flatMap(([key, value]) => (key === secret ? [value] : []));
  return { texts, base64: texts.map((text) => text.apply((plain) => Buffer.from(plain).toString("base64"))) };
}

/** The password of the current generation, and the one before while it counts. */
function passwordsOf(
  name: string,
  { generation, keepsPrevious }: Rotation = { generation: 0, keepsPrevious: false },
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string>[] {
  const generations = keepsPrevious && generation > 0 ? [generation, generation - 1] : [generation];
  return generations.map((each) => {
    const suffix = each === 0 ? "" : `-${each}`;
    return new random.RandomPassword(`${name}${suffix}`, { length: 32, special: false }, opts).result;
  });
}

/** A rotation of what nobody uses would be one that never happens. */
function idleRotations(used: readonly spec.Secret[], rotations: SecretSources["rotations"]): string[] {
  const known = used.filter(({ from }) => from === "generator").map(({ name }) => name);
  const idle = Object.keys(rotations).filter((name) => !known.includes(name));
  if (idle.length === 0) return [];
  const there = known.length === 0 ? "there are none" : `there are: ${known.join(", ")}`;
  return [`slipway:rotations: ${idle.join(", ")}: no such generated secret; ${there}`];
}

function complaintOf(read: () => unknown): string[] {
  try {
    read();
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

/** The secrets that an environment uses, each once, in the order of their names. */
export function secretsOf({ services, jobs, databases, certificate }: spec.Environment): spec.Secret[] {
  const routes = Object.values(services).flatMap((service) => service.routes);
  const programs = [...Object.values(services), ...Object.values(jobs)];
  const all = [
    ...(certificate.kind === "supplied" ? [certificate.chain, certificate.key] : []),
    ...routes.flatMap(({ users = {} }) => Object.values(users)),
    ...programs.flatMap(({ secrets }) => Object.values(secrets)),
    ...programs.flatMap(({ source }) => (source.kind === "build" ? Object.values(source.secrets) : [])),
    ...programs.flatMap(({ database }) => (database ? [database.password] : [])),
    ...Object.keys(databases).flatMap((name) => Object.values(ownPasswords(name))),
    ...Object.values(databases).flatMap(({ backup }) => (backup ? secretsOfBackup(backup) : [])),
    ...programs.flatMap(({ env }) => Object.values(env).filter(isSecret)),
  ];
  const byKey = new Map(all.map((secret) => [keyOf(secret), secret]));
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, secret]) => secret);
}

function secretsOfBackup({ encrypt, to }: spec.Backup): spec.Secret[] {
  return [
    ...(encrypt ? [encrypt] : []),
    ...(to.kind === "s3" ? [to.bucket.accessKeyId, to.bucket.secretAccessKey] : []),
  ];
}

function isSecret(value: spec.Service["env"][string]): value is spec.Secret {
  return typeof value === "object" && value.kind === "secret";
}

function keyOf({ name, from }: spec.Secret): string {
  return `${from} ${name}`;
}

function first(values: readonly pulumi.Output<string>[]): pulumi.Output<string> {
  const [value] = values;
  if (!value) throw new TypeError("a secret has no value");
  return value;
}
