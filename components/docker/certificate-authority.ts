import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";

const YEAR_HOURS = 365 * 24;

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
