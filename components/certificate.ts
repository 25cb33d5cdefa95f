import * as pulumi from "@pulumi/pulumi";
import { AcmeCertificate, Certificate, IssuedCertificate } from "./docker/slipway-resources.ts";
import type { PlatformAccess } from "./platform-access.ts";
import type { Secrets } from "./secrets.ts";
import type * as spec from "./spec/index.ts";

/** What an environment's certificate is made with. */
export interface PresentedArgs {
  spec: spec.Environment;
  namespace: string;
  environment: string;
  platform: Pick<PlatformAccess, "authority" | "acme">;
  secrets: Pick<Secrets, "reveal">;
}

/**
 * The certificate for an environment's hosts, shown by the proxy.
 *
 * Creates `${name}-presented` and, unless the certificate is supplied, `${name}-certificate`.
 */
export function presentCertificate(name: string, args: PresentedArgs, opts: pulumi.CustomResourceOptions): Certificate {
  const { namespace, environment } = args;
  const { hosts, pem } = certificateFor(`${name}-certificate`, args, opts);
  return new Certificate(`${name}-presented`, { namespace, name: environment, hosts, pem }, opts);
}

function certificateFor(
  name: string,
  { spec, platform, secrets }: PresentedArgs,
  opts: pulumi.CustomResourceOptions,
): { hosts: string[]; pem: pulumi.Output<string> } {
  const { certificate, domain } = spec;
  const routed = [
    ...new Set(Object.values(spec.services).flatMap(({ routes }) => routes.map(({ host }) => host))),
  ].sort();
  const covering = [domain, `*.${domain}`, ...routed.filter((host) => !isCovered(host, domain))];
  switch (certificate.kind) {
    case "private": {
      const { certificate: authorityCertificate, privateKey: authorityKey } = platform.authority;
      const args = { authorityCertificate, authorityKey, hosts: covering };
      return { hosts: covering, pem: new IssuedCertificate(name, args, opts).pem };
    }
    case "acme": {
      if (!platform.acme) throw new TypeError("a platform without ACME was not refused");
      const { email, directory, directoryCertificate, accountKey } = platform.acme;
      const dnsCommand = certificate.dns && [...certificate.dns];
      // Over HTTP each host proves itself, and a wildcard is none (RFC 8555, 7.1.3).
      const hosts = dnsCommand ? covering : routed.length > 0 ? routed : [domain];
      const args = { hosts, email, directory, directoryCertificate, accountKey, dnsCommand };
      return { hosts, pem: new AcmeCertificate(name, args, opts).pem };
    }
    case "supplied": {
      const [chain, key] = [secrets.reveal(certificate.chain), secrets.reveal(certificate.key)];
      return { hosts: routed, pem: pulumi.interpolate`${chain}\n${key}\n` };
    }
  }
}

/** A wildcard stands for one label (RFC 6125, 6.4.3). */
function isCovered(host: string, domain: string): boolean {
  return host === domain || host.slice(host.indexOf(".") + 1) === domain;
}
