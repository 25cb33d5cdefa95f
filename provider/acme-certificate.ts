import { randomUUID, X509Certificate } from "node:crypto";
import { z } from "zod";
import { orderCertificate } from "./certificates/acme.ts";
import { diffWithRenewal, isDue } from "./certificates/renewal.ts";
import { describe } from "./plugin/describe.ts";
import { checkInputs } from "./plugin/inputs.ts";
import { changedProperties, defineResource } from "./plugin/resource.ts";

const inputs = z.object({
  /** Names that the certificate stands for. A wildcard needs `dnsCommand`. */
  hosts: z.array(z.string()).min(1, "must name at least one host"),
  /** Where the authority writes to before a certificate runs out. */
  email: z.string(),
  /** Address of the authority's directory. */
  directory: z.url("must be the address of an ACME directory"),
  /** Certificate of the authority that signs the directory's own, PEM. @default the public ones */
  directoryCertificate: z.string().optional(),
  /** Key of the account, PEM. Secret. */
  accountKey: z.string(),
  /** Program with arguments that sets and removes TXT records. @default proof by HTTP */
  dnsCommand: z.array(z.string()).min(1, "must name a program").optional(),
});

const state = inputs.extend({
  /** Certificate, then its chain, then the key, as HAProxy reads them. Secret. */
  pem: z.string(),
  /** From when on an `up` orders a new one, in ISO 8601. */
  renewAt: z.string(),
});

/** Inputs of {@link acmeCertificate}. */
export type AcmeCertificateInputs = z.input<typeof inputs>;

/** What another certificate is ordered for; the rest is how to get it. */
const ORDERED = ["hosts", "directory"];

/**
 * A server certificate of a public authority, by ACME. Other hosts or another authority order a new one, and so does the
 * first `up` in the last third of its time; a preview says so. While a certificate is valid, a failed renewal warns and
 * leaves it: the next `up` tries again.
 */
export const acmeCertificate = defineResource({
  inputs,
  state,
  check: (news) => checkInputs(inputs, news),
  diff: diffWithRenewal,
  create: async (news, context) => ({
    id: randomUUID(),
    state: { ...news, ...(await orderCertificate(news, context)) },
  }),
  async update(_id, olds, news, context) {
    const { pem, renewAt } = olds;
    const isOther = changedProperties(olds, news).some((key) => ORDERED.includes(key));
    if (!isOther && !isDue(renewAt)) return { ...news, pem, renewAt };
    try {
      return { ...news, ...(await orderCertificate(news, context)) };
    } catch (error) {
      const { validToDate } = new X509Certificate(pem);
      if (isOther || validToDate.getTime() < Date.now()) throw error;
      const until = validToDate.toISOString();
      context.warn(`the certificate is not renewed and runs out at ${until}: ${describe(error)}`);
      return { ...news, pem, renewAt };
    }
  },
});
