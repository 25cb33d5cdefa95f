import type { Places } from "../places.ts";
import { deploy } from "../stack/deploy.ts";

/** An environment's certificate, wherever it comes from, and what hands it to the proxy. */
const CERTIFICATES = ["AcmeCertificate", "IssuedCertificate", "Certificate"];

/**
 * Renews the certificate of an environment when it is due, and changes nothing else: an `up` in a schedule would release
 * what nobody has asked for, such as what `fromStack` names by then.
 *
 * @returns Pulumi's exit code.
 */
export function renew(
  stack: string,
  places: Places,
  environment: Record<string, string>,
  output: NodeJS.WriteStream,
): Promise<number> {
  const targets = CERTIFICATES.flatMap((type) => ["--target", `**slipway:index:${type}::*`]);
  return deploy(stack, places, environment, output, targets);
}
