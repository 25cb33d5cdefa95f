import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { createHash, createPublicKey } from "node:crypto";

/**
 * An account for ordering certificates by ACME: a key, which the authority comes to know with the first order.
 *
 * Creates `${name}-key`.
 */
export class AcmeAccount extends pulumi.ComponentResource {
  /** PEM, secret. */
  readonly key: pulumi.Output<string>;
  /** What the answer to every challenge of the account ends with. No secret: whoever asks for a challenge is told. */
  readonly thumbprint: pulumi.Output<string>;

  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:docker:AcmeAccount", name, {}, opts);

    const key = new tls.PrivateKey(`${name}-key`, { algorithm: "ECDSA", ecdsaCurve: "P256" }, { parent: this });
    this.key = key.privateKeyPem;
    this.thumbprint = pulumi.unsecret(key.privateKeyPem.apply(thumbprintOf));
    this.registerOutputs({ key: this.key, thumbprint: this.thumbprint });
  }
}

/** Thumbprint of a key's public half (RFC 7638): the SHA-256 of its JWK with the required members in order. */
export function thumbprintOf(privateKey: string): string {
  const { crv, kty, x, y } = createPublicKey(privateKey).export({ format: "jwk" });
  return createHash("sha256").update(JSON.stringify({ crv, kty, x, y })).digest("base64url");
}
