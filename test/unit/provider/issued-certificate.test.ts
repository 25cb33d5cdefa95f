import { createPrivateKey, X509Certificate } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { issueCertificate } from "../../../provider/certificates/issue.ts";
import { issuedCertificate } from "../../../provider/issued-certificate.ts";
import { createAuthority } from "../../support/authority.ts";
import type { TestAuthority } from "../../support/authority.ts";
import { quiet } from "../../support/quiet.ts";
import { resourceContext } from "../toolchain/plugins/context.ts";

const DAY = 24 * 3_600_000;
const HOSTS = ["dev.localhost", "*.dev.localhost", "shop.example.org"];
let authority: TestAuthority;

beforeAll(async () => {
  authority = await createAuthority();
});

describe("a certificate that is issued", () => {
  const now = Date.parse("2026-11-22T12:00:00.500Z");
  let pem: string;
  let certificate: X509Certificate;
  let renewAt: string;

  beforeAll(async () => {
    ({ pem, renewAt } = await issueCertificate({ hosts: HOSTS, ...authority }, now));
    certificate = new X509Certificate(pem);
  });

  it("is signed by the authority, stands for the hosts and is no authority itself", () => {
    const signer = new X509Certificate(authority.authorityCertificate);
    expect(certificate.checkIssued(signer)).toBe(true);
    expect(certificate.verify(signer.publicKey)).toBe(true);
    expect(certificate.subjectAltName).toBe("DNS:dev.localhost, DNS:*.dev.localhost, DNS:shop.example.org");
    expect(certificate.checkHost("web.dev.localhost")).toBe("*.dev.localhost");
    expect(certificate.ca).toBe(false);
    expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
  });

  it("is valid for 90 days and renewed when 60 are over", () => {
    expect(certificate.validFromDate).toEqual(new Date("2026-11-22T12:00:00Z"));
    expect(certificate.validToDate).toEqual(new Date("2027-02-20T12:00:00Z"));
    expect(renewAt).toBe("2027-01-21T12:00:00.500Z");
  });

  it("comes with the authority and its own key, in the order in which HAProxy reads them", () => {
    expect([...pem.matchAll(/BEGIN ([A-Z ]+)/g)].map(([, kind]) => kind)).toEqual([
      "CERTIFICATE",
      "CERTIFICATE",
      "EC PRIVATE KEY",
    ]);
    expect(pem).toContain(authority.authorityCertificate);
    expect(certificate.checkPrivateKey(createPrivateKey(pem))).toBe(true);
  });
});

describe("the resource", () => {
  const inputs = () => ({ hosts: HOSTS, ...authority });
  const diffAt = (renewAt: string, news: Record<string, unknown> = inputs()) =>
    issuedCertificate.diff?.({ inputs: inputs(), state: { ...inputs(), renewAt } }, news, quiet).changed;

  it("does not differ before the time to renew", () => {
    expect(diffAt(new Date(Date.now() + DAY).toISOString())).toEqual([]);
  });

  it("differs once it is time to renew, so that a preview shows it", () => {
    expect(diffAt(new Date(Date.now() - 1).toISOString())).toEqual(["renewAt"]);
  });

  it("differs when the hosts or the authority do", () => {
    const news = { ...inputs(), hosts: ["dev.localhost"], authorityKey: "another" };
    expect(diffAt(new Date(Date.now() + DAY).toISOString(), news)).toEqual(["authorityKey", "hosts"]);
  });

  it("makes another key at every change", async () => {
    const made = await issuedCertificate.create(inputs(), resourceContext());
    const changed = await issuedCertificate.update?.(made.id, made.state, inputs(), resourceContext());
    expect(keyOf(changed?.pem)).not.toBe(keyOf(made.state.pem));
  });

  it("refuses a certificate for nothing", async () => {
    const checked = await issuedCertificate.check?.({ ...inputs(), hosts: [] }, undefined, resourceContext());
    expect(checked?.faults).toEqual([{ property: "hosts", reason: "must name at least one host" }]);
  });
});

function keyOf(pem: unknown): string | undefined {
  return /-----BEGIN EC PRIVATE KEY-----[^-]+/.exec(String(pem))?.[0];
}
