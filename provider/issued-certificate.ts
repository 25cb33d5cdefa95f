import { randomUUID } from "node:crypto";
import { z } from "zod";
import { issueCertificate } from "./certificates/issue.ts";
import { diffWithRenewal } from "./certificates/renewal.ts";
import { checkInputs } from "./plugin/inputs.ts";
import { defineResource } from "./plugin/resource.ts";

const inputs = z.object({
  /** Names and addresses that the certificate stands for; `*.` covers one label. */
  hosts: z.array(z.string()).min(1, "must name at least one host"),
  /** Certificate of the authority that signs, PEM. */
  authorityCertificate: z.string(),
  /** Its key, PEM. Secret. */
  authorityKey: z.string(),
});

const state = inputs.extend({
  /** Certificate, then authority, then key, as HAProxy reads them. Secret. */
  pem: z.string(),
  /** From when on an `up` makes a new one, in ISO 8601. */
  renewAt: z.string(),
});

/** Inputs of {@link issuedCertificate}. */
export type IssuedCertificateInputs = z.input<typeof inputs>;

/**
 * A server certificate and its key, signed by an authority at hand. Every change makes a new pair, and so does the first
 * `up` after its time to renew; a preview says so.
 */
export const issuedCertificate = defineResource({
  inputs,
  state,
  check: (news) => checkInputs(inputs, news),
  diff: diffWithRenewal,
  create: async (news) => ({ id: randomUUID(), state: { ...news, ...(await issueCertificate(news)) } }),
  update: async (_id, _olds, news) => ({ ...news, ...(await issueCertificate(news)) }),
});
