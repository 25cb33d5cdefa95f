import { generateKeyPair } from "node:crypto";
import { isIP } from "node:net";
import { promisify } from "node:util";
import { signingKey, x509 } from "../x509.ts";

const DAY_MILLISECONDS = 24 * 3_600_000;
/** The span that Mozilla's guidelines recommend. */
const VALID_DAYS = 90;
const RENEWAL_DAYS = 30;
const SERVER_AUTHENTICATION = "1.3.6.1.5.5.7.3.1";

const generate = promisify(generateKeyPair);

/** What a certificate is issued for, and by whom. */
export interface IssueRequest {
  /** DNS names and addresses. */
  hosts: readonly string[];
  /** PEM. */
  authorityCertificate: string;
  /** PEM. */
  authorityKey: string;
}

/**
 * Makes a key (ECDSA P-256) and a server certificate that is valid for 90 days, to be renewed in its last 30.
 *
 * @returns certificate, authority and key in one PEM text, and when to renew.
 * @throws {Error} when the authority's key is of a kind that cannot sign certificates.
 */
export async function issueCertificate(
  { hosts, authorityCertificate, authorityKey }: IssueRequest,
  now = Date.now(),
): Promise<{ pem: string; renewAt: string }> {
  const library = await x509();
  const { privateKey } = await generate("ec", { namedCurve: "P-256" });
  const key = privateKey.export({ type: "sec1", format: "pem" }).toString();
  const { publicKey } = signingKey(key).keys;
  const authority = new library.X509Certificate(authorityCertificate);
  const { keys, signingAlgorithm } = signingKey(authorityKey);
  const names = hosts.map((value) => ({ type: isIP(value) === 0 ? ("dns" as const) : ("ip" as const), value }));
  const certificate = await library.X509CertificateGenerator.create({
    notBefore: wholeSecond(now),
    notAfter: wholeSecond(now + VALID_DAYS * DAY_MILLISECONDS),
    issuer: authority.subjectName,
    publicKey,
    signingKey: keys.privateKey,
    signingAlgorithm,
    extensions: [
      new library.KeyUsagesExtension(
        library.KeyUsageFlags.digitalSignature | library.KeyUsageFlags.keyEncipherment,
        true,
      ),
      new library.ExtendedKeyUsageExtension([SERVER_AUTHENTICATION]),
      new library.BasicConstraintsExtension(false, undefined, true),
      await library.AuthorityKeyIdentifierExtension.create(authority.publicKey),
      // Without a subject the names have to be critical (RFC 5280, 4.2.1.6).
      new library.SubjectAlternativeNameExtension(names, true),
    ],
  });
  return {
    pem: [certificate.toString("pem"), authorityCertificate, key].map((part) => `${part.trimEnd()}\n`).join(""),
    renewAt: new Date(now + (VALID_DAYS - RENEWAL_DAYS) * DAY_MILLISECONDS).toISOString(),
  };
}

/** X.509 has whole seconds. */
function wholeSecond(milliseconds: number): Date {
  return new Date(Math.floor(milliseconds / 1000) * 1000);
}
