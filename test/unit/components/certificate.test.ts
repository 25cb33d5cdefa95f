import { describe, expect, it } from "vitest";
import { secretFile } from "../../../components/index.ts";
import type { CertificateInput } from "../../../components/spec/index.ts";
import { allRegistered, find, mockEngine } from "../../support/mock-engine.ts";

const ACME = { email: "ops@example.org", directory: "https://acme.example.org/directory" };

async function present(certificate: CertificateInput | undefined, routes: string[] = ["shop", "www.example.com"]) {
  const registered = await mockEngine();
  const pulumi = await import("@pulumi/pulumi");
  const { presentCertificate } = await import("../../../components/certificate.ts");
  const { defineEnvironment } = await import("../../../components/index.ts");
  const shop = { image: `shop@sha256:${"b".repeat(64)}`, port: 80, health: { path: "/" }, routes };
  const spec = defineEnvironment({ domain: "example.org", certificate, services: { shop } });
  const reveal = ({ name }: { name: string }) => pulumi.secret(`content of ${name}`);
  const platform = {
    authority: { certificate: "ca", privateKey: "ca key" },
    acme: { ...ACME, accountKey: pulumi.secret("account key") },
  };
  const args = { spec, namespace: "slipway", environment: "prod", platform, secrets: { reveal } };
  presentCertificate("prod", args, {});
  await allRegistered();
  return { registered, presented: find(registered, "slipway:index:Certificate", "prod-presented") };
}

describe("the certificate of an environment", () => {
  it("is signed by the platform's authority for the domain, all below it, and hosts elsewhere", async () => {
    const { registered, presented } = await present(undefined);
    expect(find(registered, "slipway:index:IssuedCertificate", "prod-certificate").inputs).toEqual({
      hosts: ["example.org", "*.example.org", "www.example.com"],
      authorityCertificate: "ca",
      authorityKey: "ca key",
    });
    expect(presented.inputs).toMatchObject({ namespace: "slipway", name: "prod", pem: "prod-certificate pem" });
    expect(presented.secrets).toEqual(["pem"]);
  });

  it("is ordered for each routed host where the proof is by HTTP", async () => {
    const { registered } = await present("acme");
    const { inputs, secrets } = find(registered, "slipway:index:AcmeCertificate", "prod-certificate");
    expect(inputs).toEqual({ ...ACME, hosts: ["shop.example.org", "www.example.com"], accountKey: "account key" });
    expect(secrets).toEqual(["accountKey"]);
  });

  it("is ordered for the domain where nothing is routed", async () => {
    const { registered } = await present("acme", []);
    expect(find(registered, "slipway:index:AcmeCertificate", "prod-certificate").inputs.hosts).toEqual(["example.org"]);
  });

  it("is ordered with a wildcard where the proof is by DNS", async () => {
    const { registered } = await present({ acme: { dns: ["./dns.sh", "fast"] } });
    expect(find(registered, "slipway:index:AcmeCertificate", "prod-certificate").inputs).toMatchObject({
      hosts: ["example.org", "*.example.org", "www.example.com"],
      dnsCommand: ["./dns.sh", "fast"],
    });
  });

  it("is what is supplied, and nothing is made", async () => {
    const { registered, presented } = await present({ chain: secretFile("shop.crt"), key: secretFile("shop.key") });
    expect(registered.map(({ name }) => name)).toEqual(["prod-presented"]);
    expect(presented.inputs).toEqual({
      namespace: "slipway",
      name: "prod",
      hosts: ["shop.example.org", "www.example.com"],
      pem: "content of shop.crt\ncontent of shop.key\n",
    });
    expect(presented.secrets).toEqual(["pem"]);
  });
});
