import { createHash, createPrivateKey, X509Certificate } from "node:crypto";
import { z } from "zod";
import { connect } from "./engine/engine.ts";
import { label } from "./names.ts";
import { checkInputs, holdsUnknown } from "./plugin/inputs.ts";
import { changedProperties, defineResource } from "./plugin/resource.ts";
import type { InputFault } from "./plugin/resource.ts";
import { installCertificate, readCertificate, removeCertificate } from "./proxy/certificates.ts";
import { findProxy, runningProxy } from "./proxy/container.ts";
import { withLock } from "./proxy/lock.ts";
import { Runtime } from "./proxy/runtime.ts";

const inputs = z.object({
  /** Namespace of the platform whose proxy serves it. A change replaces. */
  namespace: label,
  /** Name of the certificate, that of its file. A change replaces. */
  name: label.refine((name) => name !== "00-default", "00-default is the name of the platform's own certificate"),
  /** The certificate, its chain and its key, in PEM. Secret. */
  pem: z.string(),
  /** Hosts that it is for, for people; SNI decides by the names in the certificate. */
  hosts: z.array(z.string()),
});

/** Inputs of {@link certificate}. */
export type CertificateInputs = z.input<typeof inputs>;

/** A certificate that the proxy serves to the hosts named in it; a renewal takes effect without a reload. */
export const certificate = defineResource({
  inputs,
  state: inputs,
  check(news) {
    const checked = checkInputs(inputs, news);
    const pemFaults = typeof news.pem === "string" && !holdsUnknown(news.pem) ? faultsOf(news.pem) : [];
    return { ...checked, faults: [...checked.faults, ...pemFaults] };
  },
  diff(olds, news) {
    const changed = changedProperties(olds.inputs, news);
    return { changed, replaces: changed.filter((key) => key === "namespace" || key === "name") };
  },
  async create(news, context) {
    await install(news, context);
    return { id: `${news.namespace}/${news.name}`, state: news };
  },
  async update(_id, _olds, news, context) {
    await install(news, context);
    return news;
  },
  async read(_id, state, context) {
    const recorded = inputs.parse(state);
    const proxy = await findProxy(await connect(context), recorded.namespace);
    const found = proxy && (await readCertificate(proxy, recorded.name));
    if (found === undefined) return undefined;
    if (digest(found) === digest(recorded.pem)) return { inputs: recorded, state: recorded };
    // The key that someone put there is none of ours to record.
    const changed = { ...recorded, pem: "changed in the proxy" };
    return { inputs: changed, state: changed };
  },
  async delete(_id, { namespace, name }, context) {
    const proxy = await findProxy(await connect(context), namespace);
    if (proxy) await withLock(proxy, context, () => removeCertificate(new Runtime(proxy), name));
  },
});

async function install(
  { namespace, name, pem }: z.infer<typeof inputs>,
  context: Parameters<typeof withLock>[1] & Parameters<typeof connect>[0],
): Promise<void> {
  const proxy = await runningProxy(await connect(context), namespace);
  await withLock(proxy, context, () => installCertificate(new Runtime(proxy), name, pem));
}

function faultsOf(pem: string): InputFault[] {
  try {
    const matches = new X509Certificate(pem).checkPrivateKey(createPrivateKey(pem));
    return matches ? [] : [{ property: "pem", reason: "the private key is not that of the first certificate" }];
  } catch {
    return [{ property: "pem", reason: "must hold a certificate, its chain and its unencrypted private key in PEM" }];
  }
}

function digest(pem: string): string {
  return createHash("sha256").update(pem).digest("hex");
}
