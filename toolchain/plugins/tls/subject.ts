import type { types } from "@pulumi/tls";
import type { Extension, JsonGeneralNames, JsonName } from "@peculiar/x509";
import { z } from "zod";
import type { x509 } from "../../../provider/x509.ts";

const text = z.string().optional();
const texts = z.array(z.string()).optional();

/** Inputs that say whom a certificate is for. */
export const subjectShape = {
  subject: z
    .strictObject({
      commonName: text,
      country: text,
      emailAddress: text,
      locality: text,
      organization: text,
      organizationalUnit: text,
      postalCode: text,
      province: text,
      serialNumber: text,
      streetAddresses: texts,
    } satisfies Record<keyof types.input.CertRequestSubject, z.ZodType>)
    .optional(),
  dnsNames: texts,
  ipAddresses: texts,
  uris: texts,
};

/** Whom a certificate is for. */
export type SubjectInputs = z.infer<z.ZodObject<typeof subjectShape>>;

/** The subject as the X.509 library takes it, in the order in which Go's crypto/x509 writes it. */
export function subjectName({ subject = {} }: SubjectInputs): JsonName {
  const parts: [string, string | string[] | undefined][] = [
    ["C", subject.country],
    ["O", subject.organization],
    ["OU", subject.organizationalUnit],
    ["L", subject.locality],
    ["ST", subject.province],
    ["2.5.4.9", subject.streetAddresses],
    ["2.5.4.17", subject.postalCode],
    ["CN", subject.commonName],
    ["2.5.4.5", subject.serialNumber],
    ["E", subject.emailAddress],
  ];
  return parts.flatMap(([type, value]) => (value === undefined ? [] : [{ [type]: [value].flat() }]));
}

/** The names and addresses that the certificate is good for; none where none are given. */
export function alternativeNames(library: Awaited<ReturnType<typeof x509>>, inputs: SubjectInputs): Extension[] {
  const names: JsonGeneralNames = [
    ...(inputs.dnsNames ?? []).map((value) => ({ type: "dns" as const, value })),
    ...(inputs.ipAddresses ?? []).map((value) => ({ type: "ip" as const, value })),
    ...(inputs.uris ?? []).map((value) => ({ type: "url" as const, value })),
  ];
  return names.length === 0 ? [] : [new library.SubjectAlternativeNameExtension(names)];
}
