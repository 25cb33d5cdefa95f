import { z } from "zod";
import type { Certificate, CertificateInput } from "./certificate.ts";
import { must, settings } from "./rules.ts";
import { secretShape } from "./secret-shape.ts";
import { commandList } from "./service-shape.ts";

const RULE = 'be "acme", { acme: { dns: ["program"] } } or { chain: secretFile("…"), key: secretFile("…") }';

/** Shape of where a certificate comes from. */
export const certificateShape = z.preprocess(
  (written: CertificateInput) => (written === "acme" ? { acme: {} } : written),
  settings(
    "a certificate",
    {
      acme: settings("acme", { dns: commandList.optional() }).optional(),
      chain: secretShape.optional(),
      key: secretShape.optional(),
    },
    RULE,
  ).refine(
    ({ acme, chain, key }) => (acme ? !chain && !key : chain !== undefined && key !== undefined),
    must("set either acme, or both chain and key"),
  ),
);

/** What a checked shape means. */
export function certificateOf(shaped: z.output<typeof certificateShape> | undefined): Certificate {
  if (shaped?.acme) return { kind: "acme", dns: shaped.acme.dns };
  if (shaped?.chain && shaped.key) return { kind: "supplied", chain: shaped.chain, key: shaped.key };
  return { kind: "private" };
}
