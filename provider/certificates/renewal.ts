import { changedProperties } from "../plugin/resource.ts";
import type { Properties, ResourceDiff } from "../plugin/resource.ts";

/** When a certificate is made anew: in the last third of its time, as Let's Encrypt recommends (letsencrypt.org/docs/integration-guide). */
export function renewalOf({ validFromDate, validToDate }: { validFromDate: Date; validToDate: Date }): string {
  const [from, to] = [validFromDate.getTime(), validToDate.getTime()];
  return new Date(to - (to - from) / 3).toISOString();
}

/** True when the time to renew has come. */
export function isDue(renewAt: unknown): boolean {
  return typeof renewAt === "string" && Date.now() >= Date.parse(renewAt);
}

/** How a certificate differs: by its inputs, and by `renewAt` once its time to renew has come, so that a preview says so. */
export function diffWithRenewal(olds: { inputs: Properties; state: Properties }, news: Properties): ResourceDiff {
  const changed = changedProperties(olds.inputs, news);
  return { changed: isDue(olds.state.renewAt) ? [...changed, "renewAt"] : changed };
}
