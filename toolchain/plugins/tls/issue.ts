import type { Extension, KeyUsageFlags, PublicKeyType } from "@peculiar/x509";
import { z } from "zod";
import { changedProperties } from "../../../provider/plugin/resource.ts";
import type { Properties, ResourceType } from "../../../provider/plugin/resource.ts";
import { inputFaults } from "../input-faults.ts";
import type { x509 } from "../../../provider/x509.ts";

const MILLISECONDS_PER_HOUR = 3_600_000;

const KEY_USAGES: Record<string, keyof typeof KeyUsageFlags> = {
  digital_signature: "digitalSignature",
  content_commitment: "nonRepudiation",
  key_encipherment: "keyEncipherment",
  data_encipherment: "dataEncipherment",
  key_agreement: "keyAgreement",
  cert_signing: "keyCertSign",
  crl_signing: "cRLSign",
  encipher_only: "encipherOnly",
  decipher_only: "decipherOnly",
};

const EXTENDED_KEY_USAGES: Record<string, string> = {
  any_extended: "2.5.29.37.0",
  server_auth: "1.3.6.1.5.5.7.3.1",
  client_auth: "1.3.6.1.5.5.7.3.2",
  code_signing: "1.3.6.1.5.5.7.3.3",
  email_protection: "1.3.6.1.5.5.7.3.4",
  ipsec_end_system: "1.3.6.1.5.5.7.3.5",
  ipsec_tunnel: "1.3.6.1.5.5.7.3.6",
  ipsec_user: "1.3.6.1.5.5.7.3.7",
  timestamping: "1.3.6.1.5.5.7.3.8",
  ocsp_signing: "1.3.6.1.5.5.7.3.9",
  microsoft_server_gated_crypto: "1.3.6.1.4.1.311.10.3.3",
  netscape_server_gated_crypto: "2.16.840.1.113730.4.1",
};

const USES = [...Object.keys(KEY_USAGES), ...Object.keys(EXTENDED_KEY_USAGES)];

/** Inputs that every certificate has, whoever signs it. */
export const issueShape = {
  allowedUses: z.array(z.enum(USES, { error: `must be one of ${USES.join(", ")}` })),
  validityPeriodHours: z.number().int().min(0),
  earlyRenewalHours: z.number().int().min(0).optional(),
  isCaCertificate: z.boolean().optional(),
  maxPathLength: z.number().int().min(-1).optional(),
  setSubjectKeyId: z.boolean().optional(),
};

/** What a certificate may be used for, and for how long. */
export type IssueInputs = z.infer<z.ZodObject<typeof issueShape>>;

/**
 * `check` and `diff` of a certificate: every change makes a new one, and so does the passing of the time that
 * `earlyRenewalHours` leaves before its end.
 */
export function renewed(schema: z.ZodType): Required<Pick<ResourceType, "check" | "diff">> {
  return {
    check: (news) => ({ inputs: news, faults: inputFaults(schema, news) }),
    diff: (olds, news) => {
      const changed = changedProperties(olds.inputs, news);
      return { changed: isDue(olds.state, news) ? [...changed, "readyForRenewal"] : changed };
    },
  };
}

/** True when it is time to renew a certificate. */
export function isDue(state: Properties, { earlyRenewalHours }: Properties, now = Date.now()): boolean {
  if (typeof state.validityEndTime !== "string") return false;
  const early = typeof earlyRenewalHours === "number" ? earlyRenewalHours : 0;
  return now >= Date.parse(state.validityEndTime) - early * MILLISECONDS_PER_HOUR;
}

/** From when until when a certificate made now is valid. */
export function validity({ validityPeriodHours }: IssueInputs, now = Date.now()): { notBefore: Date; notAfter: Date } {
  // X.509 has whole seconds.
  const start = Math.floor(now / 1000) * 1000;
  return { notBefore: new Date(start), notAfter: new Date(start + validityPeriodHours * MILLISECONDS_PER_HOUR) };
}

/** Outputs that tell a certificate's time, and whether to renew it. */
export function issueOutputs(
  { notBefore, notAfter }: { notBefore: Date; notAfter: Date },
  inputs: IssueInputs,
): Properties {
  const times = { validityStartTime: notBefore.toISOString(), validityEndTime: notAfter.toISOString() };
  return {
    ...times,
    earlyRenewalHours: inputs.earlyRenewalHours ?? 0,
    isCaCertificate: inputs.isCaCertificate ?? false,
    maxPathLength: inputs.maxPathLength ?? -1,
    setSubjectKeyId: inputs.setSubjectKeyId ?? false,
    readyForRenewal: isDue(times, inputs),
  };
}

/** The extensions that follow from the inputs: what the key is for, whether it is an authority, and its identifier. */
export async function issueExtensions(
  library: Awaited<ReturnType<typeof x509>>,
  inputs: IssueInputs,
  publicKey: PublicKeyType,
): Promise<Extension[]> {
  const isAuthority = inputs.isCaCertificate ?? false;
  const length = inputs.maxPathLength ?? -1;
  const [usage, ...usages] = inputs.allowedUses
    .flatMap((use) => KEY_USAGES[use] ?? [])
    .map((name) => library.KeyUsageFlags[name]);
  const extended = inputs.allowedUses.flatMap((use) => EXTENDED_KEY_USAGES[use] ?? []);
  const needsIdentifier = isAuthority || inputs.setSubjectKeyId === true;
  return [
    ...(usage === undefined
      ? []
      : [
          new library.KeyUsagesExtension(
            usages.reduce((all, more) => all | more, usage),
            true,
          ),
        ]),
    ...(extended.length === 0 ? [] : [new library.ExtendedKeyUsageExtension(extended)]),
    new library.BasicConstraintsExtension(isAuthority, isAuthority && length >= 0 ? length : undefined, true),
    ...(needsIdentifier ? [await library.SubjectKeyIdentifierExtension.create(publicKey)] : []),
  ];
}
