import { X509Certificate, createPrivateKey, createPublicKey } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { AnyResourceType, Properties } from "../../../../../provider/plugin/resource.ts";
import { certRequest, locallySignedCert, selfSignedCert } from "../../../../../toolchain/plugins/tls/certificates.ts";
import { isDue } from "../../../../../toolchain/plugins/tls/issue.ts";
import { privateKey } from "../../../../../toolchain/plugins/tls/keys.ts";
import { resourceContext } from "../context.ts";
import { quiet } from "../../../../support/quiet.ts";

const ALGORITHMS = [
  [{ algorithm: "RSA" }, "RSA PRIVATE KEY", "ssh-rsa "],
  [{ algorithm: "ECDSA", ecdsaCurve: "P256" }, "EC PRIVATE KEY", "ecdsa-sha2-nistp256 "],
  [{ algorithm: "ECDSA", ecdsaCurve: "P384" }, "EC PRIVATE KEY", "ecdsa-sha2-nistp384 "],
  [{ algorithm: "ECDSA", ecdsaCurve: "P521" }, "EC PRIVATE KEY", "ecdsa-sha2-nistp521 "],
  [{ algorithm: "ED25519" }, "PRIVATE KEY", "ssh-ed25519 "],
] as const;

describe.each(ALGORITHMS)("a key of %j", (inputs, type, ssh) => {
  it("is written in each of its forms", async () => {
    const key = await make(privateKey, inputs);

    expect(key.privateKeyPem).toMatch(new RegExp(`^-----BEGIN ${type}-----\n`));
    expect(key.privateKeyPemPkcs8).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    expect(String(key.publicKeyOpenssh).startsWith(ssh)).toBe(true);
    expect(key.publicKeyFingerprintSha256).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
    expect(key.publicKeyFingerprintMd5).toMatch(/^([0-9a-f]{2}:){15}[0-9a-f]{2}$/);
    const derived = createPublicKey(createPrivateKey(String(key.privateKeyPem)));
    expect(derived.export({ type: "spki", format: "pem" })).toBe(key.publicKeyPem);
  });

  it("signs certificates that verify", async () => {
    const authority = await makeAuthority(inputs);
    const issued = await issue(authority, inputs);

    expect(issued.certificate.verify(authority.certificate.publicKey)).toBe(true);
    expect(issued.certificate.checkIssued(authority.certificate)).toBe(true);
  });
});

describe("an authority's certificate", () => {
  it("is for the subject, the uses and the hours that were asked for", async () => {
    const { certificate, state } = await makeAuthority({ algorithm: "ECDSA", ecdsaCurve: "P256" });

    expect(certificate.ca).toBe(true);
    expect(certificate.subject).toBe("C=CH\nO=Slipway\nCN=Slipway CA");
    expect(Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)).toBe(24 * 3_600_000);
    expect(state).toMatchObject({ keyAlgorithm: "ECDSA", readyForRenewal: false, isCaCertificate: true });
  });
});

describe("a certificate that it signs", () => {
  it("is good for the names and addresses of the request, and is no authority", async () => {
    const authority = await makeAuthority({ algorithm: "ED25519" });
    const { certificate } = await issue(authority, { algorithm: "ECDSA", ecdsaCurve: "P256" });

    expect(certificate.ca).toBe(false);
    expect(certificate.checkHost("web.dev.localhost")).toBe("*.dev.localhost");
    expect(certificate.checkIP("127.0.0.1")).toBe("127.0.0.1");
    expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
  });

  it("refuses a key of a curve that it cannot sign with", async () => {
    const key = await make(privateKey, { algorithm: "ECDSA" });

    await expect(make(certRequest, { privateKeyPem: key.privateKeyPem })).rejects.toThrow(
      "certificates are signed with RSA, ED25519 or the ECDSA curves P256, P384 and P521, got secp224r1",
    );
  });
});

describe("renewal", () => {
  const state = { validityEndTime: "2030-01-02T00:00:00.000Z" };

  it("is due earlyRenewalHours before the end", () => {
    const end = Date.parse(state.validityEndTime);

    expect(isDue(state, { earlyRenewalHours: 2 }, end - 2 * 3_600_000 - 1)).toBe(false);
    expect(isDue(state, { earlyRenewalHours: 2 }, end - 2 * 3_600_000)).toBe(true);
    expect(isDue(state, {}, end - 1)).toBe(false);
  });

  it("shows as a change of readyForRenewal", () => {
    const past = { validityEndTime: "2020-01-01T00:00:00.000Z" };

    expect(locallySignedCert.diff?.({ inputs: {}, state: past }, {}, quiet)).toEqual({ changed: ["readyForRenewal"] });
  });

  it("names a use that there is none of", async () => {
    const checked = await selfSignedCert.check?.(
      { allowedUses: ["serving"], validityPeriodHours: 1, privateKeyPem: "" },
      undefined,
      resourceContext(),
    );

    expect(checked?.faults?.map(({ property }) => property)).toEqual(["allowedUses[0]"]);
  });
});

async function make(type: AnyResourceType, inputs: Properties): Promise<Properties> {
  const { state } = await type.create(inputs, resourceContext());
  return { ...inputs, ...state };
}

async function makeAuthority(keyInputs: Properties) {
  const { privateKeyPem } = await make(privateKey, keyInputs);
  const state = await make(selfSignedCert, {
    privateKeyPem,
    subject: { commonName: "Slipway CA", organization: "Slipway", country: "CH" },
    allowedUses: ["cert_signing", "crl_signing"],
    isCaCertificate: true,
    validityPeriodHours: 24,
  });
  return { state, privateKeyPem, certificate: new X509Certificate(String(state.certPem)) };
}

async function issue(authority: Awaited<ReturnType<typeof makeAuthority>>, keyInputs: Properties) {
  const { privateKeyPem } = await make(privateKey, keyInputs);
  const { certRequestPem } = await make(certRequest, {
    privateKeyPem,
    subject: { commonName: "web" },
    dnsNames: ["*.dev.localhost"],
    ipAddresses: ["127.0.0.1"],
  });
  const state = await make(locallySignedCert, {
    certRequestPem,
    caCertPem: authority.state.certPem,
    caPrivateKeyPem: authority.privateKeyPem,
    allowedUses: ["digital_signature", "server_auth"],
    validityPeriodHours: 1,
  });
  return { state, certificate: new X509Certificate(String(state.certPem)) };
}
