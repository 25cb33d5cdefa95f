import { z } from "zod";
import { hostPath, label } from "./names.ts";

const inputs = z.object({
  /** Namespace of the platform whose proxy serves it. A change replaces. */
  namespace: label,
  /** Name of the certificate, that of its file. A change replaces. */
  name: label,
  /** The certificate, its chain and its key, in PEM. Secret. */
  pem: z
    .string()
    .includes("-----BEGIN CERTIFICATE-----", { error: "must hold a certificate in PEM" })
    .includes("PRIVATE KEY-----", { error: "must hold the certificate's private key in PEM" }),
  /** Hosts that it is for, for people; SNI decides by the names in the certificate. */
  hosts: z.array(hostPath),
});

/** Inputs of {@link certificate}. */
export type CertificateInputs = z.input<typeof inputs>;
