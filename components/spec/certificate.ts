import type { Secret } from "./secret.ts";

/** Where an environment's certificate comes from, as a stack file writes it. */
export type CertificateInput = "acme" | AcmeInput | SuppliedInput;

/** A certificate that is ordered by ACME, from the authority that the platform names; `"acme"` orders it by HTTP. */
export interface AcmeInput {
  acme: {
    /**
     * Program with arguments that sets and removes TXT records on the machine that deploys, called as lego calls its
     * provider `exec`: `present|cleanup <name> <value>`. With it the certificate covers `*.<domain>`, and the hosts need
     * not be reached from the internet.
     * @default - each host proves itself by HTTP on port 80
     */
    dns?: readonly string[];
  };
}

/** A certificate that is got elsewhere. */
export interface SuppliedInput {
  /** The certificate and its chain, PEM. */
  chain: Secret;
  /** Its private key, PEM without a password. */
  key: Secret;
}

/** A checked source of a certificate. */
export type Certificate =
  | { readonly kind: "private" }
  | { readonly kind: "acme"; readonly dns: readonly string[] | undefined }
  | { readonly kind: "supplied"; readonly chain: Secret; readonly key: Secret };
