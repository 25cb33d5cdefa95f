import { createPrivateKey, createPublicKey } from "node:crypto";
import type { KeyObject } from "node:crypto";
import type { webcrypto } from "node:crypto";

/** What a key signs with: its kind for the import, and the hash for the signature. */
interface SigningAlgorithm {
  name: string;
  namedCurve?: string;
  hash?: string;
}

/** The X.509 library, loaded when a certificate is first made: it costs 0.1 s. */
export async function x509() {
  // The library's container for its parts reads metadata, which this adds to Reflect.
  await import("reflect-metadata");
  return import("@peculiar/x509");
}

/** A key pair ready to sign, from a private key in PEM. @throws {Error} for a kind of key that certificates cannot use. */
export function signingKey(pem: string): { keys: webcrypto.CryptoKeyPair; signingAlgorithm: SigningAlgorithm } {
  const key = createPrivateKey(pem);
  const algorithm = algorithmFor(key);
  const keys = {
    privateKey: key.toCryptoKey(algorithm, true, ["sign"]),
    publicKey: createPublicKey(key).toCryptoKey(algorithm, true, ["verify"]),
  };
  return { keys, signingAlgorithm: algorithm };
}

function algorithmFor({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): SigningAlgorithm {
  if (asymmetricKeyType === "rsa") return { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  if (asymmetricKeyType === "ed25519") return { name: "Ed25519" };
  switch (asymmetricKeyDetails?.namedCurve) {
    case "prime256v1":
      return { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
    case "secp384r1":
      return { name: "ECDSA", namedCurve: "P-384", hash: "SHA-384" };
    case "secp521r1":
      return { name: "ECDSA", namedCurve: "P-521", hash: "SHA-512" };
    default:
      throw new Error(
        "certificates are signed with RSA, ED25519 or the ECDSA curves P256, P384 and P521, " +
          `got ${asymmetricKeyDetails?.namedCurve ?? asymmetricKeyType ?? "another kind of key"}`,
      );
  }
}
