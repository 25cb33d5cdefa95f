import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";

const YEAR_HOURS = 365 * 24;
const LEAF_HOURS = 90 * 24;
const RENEWAL_HOURS = 30 * 24;

/** What signs certificates: a certificate of its own, which clients trust, and its key. */
export interface Authority {
  /** PEM. */
  certificate: pulumi.Input<string>;
  /** PEM, secret. */
  privateKey: pulumi.Input<string>;
}

/**
 * A private certificate authority, valid for ten years.
 *
 * Creates `${name}-key` and `${name}-certificate`.
 */
export class CertificateAuthority extends pulumi.ComponentResource {
  /** PEM; what a client is told to trust. */
  readonly certificate: pulumi.Output<string>;
  /** PEM, secret. */
  readonly privateKey: pulumi.Output<string>;

  constructor(name: string, args: { commonName: string }, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:docker:CertificateAuthority", name, {}, opts);

    const key = new tls.PrivateKey(`${name}-key`, { algorithm: "ECDSA", ecdsaCurve: "P256" }, { parent: this });
    const certificate = new tls.SelfSignedCert(
      `${name}-certificate`,
      {
        privateKeyPem: key.privateKeyPem,
        isCaCertificate: true,
        setSubjectKeyId: true,
        subject: { commonName: args.commonName, organization: "Slipway" },
        validityPeriodHours: 10 * YEAR_HOURS,
        earlyRenewalHours: YEAR_HOURS,
        allowedUses: ["cert_signing", "crl_signing"],
      },
      { parent: this },
    );

    this.certificate = certificate.certPem;
    this.privateKey = key.privateKeyPem;
    this.registerOutputs({ certificate: this.certificate, privateKey: this.privateKey });
  }
}

/** Inputs of {@link SignedCertificate}. */
export interface SignedCertificateArgs {
  authority: Authority;
  /** Names that the certificate stands for; `*.` covers one label. A change replaces. */
  hosts: readonly string[];
}

/**
 * A server certificate signed by a private authority, valid for 90 days (the span that Mozilla's guidelines recommend)
 * and renewed by the first `up` in its last 30.
 *
 * Creates `${name}-key`, `${name}-request` and `${name}-signed`.
 */
export class SignedCertificate extends pulumi.ComponentResource {
  /** Certificate, then authority, then key, as HAProxy reads them. Secret. */
  readonly pem: pulumi.Output<string>;

  constructor(name: string, args: SignedCertificateArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:docker:SignedCertificate", name, {}, opts);

    const key = new tls.PrivateKey(`${name}-key`, { algorithm: "ECDSA", ecdsaCurve: "P256" }, { parent: this });
    const request = new tls.CertRequest(
      `${name}-request`,
      { privateKeyPem: key.privateKeyPem, dnsNames: [...args.hosts] },
      { parent: this },
    );
    const certificate = new tls.LocallySignedCert(
      `${name}-signed`,
      {
        certRequestPem: request.certRequestPem,
        caCertPem: args.authority.certificate,
        caPrivateKeyPem: args.authority.privateKey,
        validityPeriodHours: LEAF_HOURS,
        earlyRenewalHours: RENEWAL_HOURS,
        allowedUses: ["digital_signature", "key_encipherment", "server_auth"],
      },
      { parent: this },
    );

    this.pem = pulumi.secret(pulumi.concat(certificate.certPem, args.authority.certificate, key.privateKeyPem));
    this.registerOutputs({ pem: this.pem });
  }
}
