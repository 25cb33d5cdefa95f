import { createHash, createPrivateKey, createPublicKey, generateKeyPair } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { promisify } from "node:util";
import type { PrivateKeyArgs } from "@pulumi/tls";
import { z } from "zod";
import { defineResource } from "../../../provider/plugin/resource.ts";
import type { Properties } from "../../../provider/plugin/resource.ts";
import { inputFaults } from "../input-faults.ts";

const DEFAULT_CURVE = "P224";
const DEFAULT_RSA_BITS = 2048;

/** Names of the curves, as Node has them. */
const CURVES = { P224: "secp224r1", P256: "prime256v1", P384: "secp384r1", P521: "secp521r1" } as const;
const CURVE_SIZES: Record<string, number> = { P224: 224, P256: 256, P384: 384, P521: 521 };

const shape = {
  algorithm: z.enum(["RSA", "ECDSA", "ED25519"]),
  ecdsaCurve: z.enum(["P224", "P256", "P384", "P521"]).optional(),
  rsaBits: z.number().int().min(2048).optional(),
} satisfies Record<keyof PrivateKeyArgs, z.ZodType>;

const inputs = z.object(shape);
const generate = promisify(generateKeyPair);

/** A private key, kept in the state as a secret. Its id is the SHA-1 of its public key. `privateKeyOpenssh` is left out. */
export const privateKey = defineResource({
  inputs,
  state: z.object({}),
  check: (news) => ({ inputs: news, faults: inputFaults(z.strictObject(shape), news) }),
  create: async (wanted) => {
    const { ecdsaCurve = DEFAULT_CURVE, rsaBits = DEFAULT_RSA_BITS } = wanted;
    const key = await draw({ ...wanted, ecdsaCurve, rsaBits });
    const publicKey = createPublicKey(key);
    const id = createHash("sha1")
      .update(publicKey.export({ type: "spki", format: "der" }))
      .digest("hex");
    return { id, state: { ecdsaCurve, rsaBits, ...spellings(key, publicKey, ecdsaCurve) } };
  },
});

/** The algorithm of a key as the tls provider names it. */
export function algorithmOf(pem: string): string {
  const type = createPrivateKey(pem).asymmetricKeyType ?? "";
  return type === "ec" ? "ECDSA" : type.toUpperCase();
}

async function draw(wanted: Required<z.infer<typeof inputs>>): Promise<KeyObject> {
  switch (wanted.algorithm) {
    case "RSA":
      return (await generate("rsa", { modulusLength: wanted.rsaBits })).privateKey;
    case "ECDSA":
      return (await generate("ec", { namedCurve: CURVES[wanted.ecdsaCurve] })).privateKey;
    case "ED25519":
      return (await generate("ed25519")).privateKey;
  }
}

function spellings(key: KeyObject, publicKey: KeyObject, curve: string): Properties {
  const traditional = { rsa: "pkcs1", ec: "sec1" } as const;
  const type =
    key.asymmetricKeyType === "rsa" || key.asymmetricKeyType === "ec" ? traditional[key.asymmetricKeyType] : "pkcs8";
  const ssh = sshPublicKey(publicKey, curve);
  return {
    privateKeyPem: key.export({ type, format: "pem" }),
    privateKeyPemPkcs8: key.export({ type: "pkcs8", format: "pem" }),
    publicKeyPem: publicKey.export({ type: "spki", format: "pem" }),
    publicKeyOpenssh: ssh && `${ssh.algorithm} ${ssh.blob.toString("base64")}\n`,
    publicKeyFingerprintMd5: ssh && (hash("md5", ssh.blob, "hex").match(/../g) ?? []).join(":"),
    publicKeyFingerprintSha256: ssh && `SHA256:${hash("sha256", ssh.blob, "base64").replace(/=+$/, "")}`,
  };
}

/** A public key as OpenSSH writes it (RFC 4253 section 6.6, RFC 5656); it has no spelling for P224. */
function sshPublicKey(key: KeyObject, curve: string): { algorithm: string; blob: Buffer } | undefined {
  if (key.asymmetricKeyType === "ec" && curve === "P224") return undefined;
  const jwk = key.export({ format: "jwk" });
  const part = (value = "") => Buffer.from(value, "base64url");
  if (jwk.kty === "RSA") return sshKey("ssh-rsa", positive(part(jwk.e)), positive(part(jwk.n)));
  if (jwk.kty === "OKP") return sshKey("ssh-ed25519", part(jwk.x));
  const name = `nistp${String(CURVE_SIZES[curve])}`;
  return sshKey(`ecdsa-sha2-${name}`, Buffer.from(name), Buffer.concat([Buffer.of(4), part(jwk.x), part(jwk.y)]));
}

function sshKey(algorithm: string, ...fields: Buffer[]): { algorithm: string; blob: Buffer } {
  const blob = Buffer.concat([Buffer.from(algorithm), ...fields].flatMap((field) => [length(field), field]));
  return { algorithm, blob };
}

function length(field: Buffer): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(field.length);
  return bytes;
}

/** A leading 1 bit would make the number negative. */
function positive(number: Buffer): Buffer {
  return (number[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), number]) : number;
}

function hash(algorithm: "md5" | "sha256", data: Buffer, encoding: "hex" | "base64"): string {
  return createHash(algorithm).update(data).digest(encoding);
}
