import { createHash } from "node:crypto";
import type { CertRequestArgs, LocallySignedCertArgs, SelfSignedCertArgs } from "@pulumi/tls";
import type { X509Certificate } from "@peculiar/x509";
import { z } from "zod";
import { defineResource } from "../../../provider/plugin/resource.ts";
import { inputFaults } from "../input-faults.ts";
import { issueExtensions, issueOutputs, issueShape, renewed, validity } from "./issue.ts";
import { algorithmOf } from "./keys.ts";
import { signingKey, x509 } from "../../../provider/x509.ts";
import { alternativeNames, subjectName, subjectShape } from "./subject.ts";

const SUBJECT_ALTERNATIVE_NAME = "2.5.29.17";

const selfSignedShape = {
  ...issueShape,
  ...subjectShape,
  privateKeyPem: z.string(),
  setAuthorityKeyId: z.boolean().optional(),
} satisfies Partial<Record<keyof SelfSignedCertArgs, z.ZodType>>;

/** A certificate that its own key signs, such as a certificate authority's. Its id is its serial number. */
export const selfSignedCert = defineResource({
  inputs: z.object(selfSignedShape),
  state: z.object({}),
  ...renewed(z.strictObject(selfSignedShape)),
  create: async (inputs) => {
    const library = await x509();
    const { keys, signingAlgorithm } = signingKey(inputs.privateKeyPem);
    const times = validity(inputs);
    const identified = inputs.setAuthorityKeyId
      ? [await library.AuthorityKeyIdentifierExtension.create(keys.publicKey)]
      : [];
    const certificate = await library.X509CertificateGenerator.createSelfSigned({
      ...times,
      name: subjectName(inputs),
      keys,
      signingAlgorithm,
      extensions: [
        ...(await issueExtensions(library, inputs, keys.publicKey)),
        ...identified,
        ...alternativeNames(library, inputs),
      ],
    });
    return {
      id: idOf(certificate),
      state: {
        ...issueOutputs(times, inputs),
        setAuthorityKeyId: inputs.setAuthorityKeyId ?? false,
        keyAlgorithm: algorithmOf(inputs.privateKeyPem),
        certPem: pem(certificate),
      },
    };
  },
});

const requestShape = { ...subjectShape, privateKeyPem: z.string() } satisfies Partial<
  Record<keyof CertRequestArgs, z.ZodType>
>;

/** A request to sign a certificate. Its id is the SHA-1 of the request. */
export const certRequest = defineResource({
  inputs: z.object(requestShape),
  state: z.object({}),
  check: (news) => ({ inputs: news, faults: inputFaults(z.strictObject(requestShape), news) }),
  create: async (inputs) => {
    const library = await x509();
    const request = await library.Pkcs10CertificateRequestGenerator.create({
      ...signingKey(inputs.privateKeyPem),
      name: subjectName(inputs),
      extensions: alternativeNames(library, inputs),
    });
    const certRequestPem = pem(request);
    return {
      id: createHash("sha1").update(certRequestPem).digest("hex"),
      state: { keyAlgorithm: algorithmOf(inputs.privateKeyPem), certRequestPem },
    };
  },
});

const locallySignedShape = {
  ...issueShape,
  certRequestPem: z.string(),
  caCertPem: z.string(),
  caPrivateKeyPem: z.string(),
} satisfies Partial<Record<keyof LocallySignedCertArgs, z.ZodType>>;

/** A certificate that an authority at hand signs. Its id is its serial number. */
export const locallySignedCert = defineResource({
  inputs: z.object(locallySignedShape),
  state: z.object({}),
  ...renewed(z.strictObject(locallySignedShape)),
  create: async (inputs) => {
    const library = await x509();
    const request = new library.Pkcs10CertificateRequest(inputs.certRequestPem);
    if (!(await request.verify())) throw new Error("certRequestPem: its signature is not that of its own key");
    const authority = new library.X509Certificate(inputs.caCertPem);
    const { keys, signingAlgorithm } = signingKey(inputs.caPrivateKeyPem);
    const times = validity(inputs);
    const requested = request.extensions.filter(({ type }) => type === SUBJECT_ALTERNATIVE_NAME);
    const certificate = await library.X509CertificateGenerator.create({
      ...times,
      subject: request.subjectName,
      issuer: authority.subjectName,
      publicKey: request.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm,
      extensions: [
        ...(await issueExtensions(library, inputs, request.publicKey)),
        await library.AuthorityKeyIdentifierExtension.create(authority.publicKey),
        ...requested,
      ],
    });
    return {
      id: idOf(certificate),
      state: {
        ...issueOutputs(times, inputs),
        caKeyAlgorithm: algorithmOf(inputs.caPrivateKeyPem),
        certPem: pem(certificate),
      },
    };
  },
});

function idOf({ serialNumber }: X509Certificate): string {
  return BigInt(`0x${serialNumber}`).toString();
}

function pem(encoded: { toString(format: "pem"): string }): string {
  return `${encoded.toString("pem").trimEnd()}\n`;
}
