import { generateKeyPairSync } from "node:crypto";
import { signingKey, x509 } from "../../provider/x509.ts";

/** A certificate authority of a test's own, in PEM. */
export interface TestAuthority {
  authorityCertificate: string;
  authorityKey: string;
}

/** Makes a key and a certificate that says so. */
export async function createAuthority(): Promise<TestAuthority> {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const authorityKey = privateKey.export({ type: "sec1", format: "pem" }).toString();
  const { X509CertificateGenerator, BasicConstraintsExtension } = await x509();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    ...signingKey(authorityKey),
    name: "CN=Slipway CA",
    extensions: [new BasicConstraintsExtension(true)],
  });
  return { authorityCertificate: `${certificate.toString("pem")}\n`, authorityKey };
}
