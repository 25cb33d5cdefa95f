import { generateKeyPair, X509Certificate } from "node:crypto";
import { Agent } from "node:https";
import { promisify } from "node:util";
import type { Authorization, Client } from "acme-client";
import { execa } from "execa";
import { renewalOf } from "./renewal.ts";

/** What a certificate is ordered for, where, and how the right to it is proven. */
export interface Order {
  /** Names that the certificate is to stand for; a wildcard needs `dnsCommand`. */
  hosts: readonly string[];
  /** Where the authority writes to before a certificate runs out. */
  email: string;
  /** Address of the authority's directory. */
  directory: string;
  /** Certificate of the authority that the directory's own certificate is signed by, PEM; undefined for a public one. */
  directoryCertificate?: string | undefined;
  /** Key of the account, PEM. */
  accountKey: string;
  /**
   * Program with arguments that sets and removes TXT records, called as lego calls its provider `exec`:
   * `present|cleanup <name> <value>`. It returns when the record can be seen. Undefined for proof by HTTP.
   */
  dnsCommand?: readonly string[] | undefined;
}

const generate = promisify(generateKeyPair);

/**
 * Orders a certificate by ACME (RFC 8555). Proof by HTTP needs nothing here: the proxy answers every challenge of the
 * account, as the answer consists of what is asked and the account's thumbprint.
 *
 * @returns certificate, chain and key in one PEM text, and when to renew.
 * @throws {Error} with the authority's own words when it refuses.
 */
export async function orderCertificate(order: Order): Promise<{ pem: string; renewAt: string }> {
  // Loaded when a certificate is first ordered: it costs 0.2 s.
  const acme = await import("acme-client");
  Object.assign(acme.axios.defaults, {
    httpsAgent: new Agent({ ca: order.directoryCertificate }),
    // Two more attempts in six seconds; the library's own five are more than a minute that a deploy would wait.
    acmeSettings: { retryMaxAttempts: 2, retryDefaultDelay: 2 },
  });
  const client = new acme.Client({ directoryUrl: order.directory, accountKey: order.accountKey, backoffMin: 1000 });
  const { privateKey } = await generate("ec", { namedCurve: "P-256" });
  const key = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const [, csr] = await acme.crypto.createCsr({ altNames: [...order.hosts] }, key);
  const chain = await request(client, order, csr);
  return {
    pem: [chain, key].map((part) => `${part.trim()}\n`).join(""),
    renewAt: renewalOf(new X509Certificate(chain)),
  };
}

async function request(client: Client, { hosts, email, directory, dnsCommand }: Order, csr: Buffer): Promise<string> {
  const wanted = dnsCommand ? "dns-01" : "http-01";
  try {
    return await client.auto({
      csr,
      email,
      termsOfServiceAgreed: true,
      // The authority sees what we may not: this machine can be behind other name servers than the world.
      skipChallengeVerification: true,
      challengePriority: [wanted],
      async challengeCreateFn({ identifier }, { type }, value) {
        if (type !== wanted) throw new Error(`it offers no ${wanted} for ${identifier.value}`);
        if (dnsCommand) await setRecord(dnsCommand, "present", identifier, value);
      },
      async challengeRemoveFn({ identifier }, _challenge, value) {
        if (dnsCommand) await setRecord(dnsCommand, "cleanup", identifier, value);
      },
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${directory} gives no certificate for ${hosts.join(", ")}: ${reason}`, { cause: error });
  }
}

async function setRecord(
  [program = "", ...args]: readonly string[],
  verb: "present" | "cleanup",
  { value: host }: Authorization["identifier"],
  value: string,
): Promise<void> {
  const name = `_acme-challenge.${host}.`;
  const { exitCode, all, failed } = await execa(program, [...args, verb, name, value], { all: true, reject: false });
  if (failed) throw new Error(`\`${program} ${verb}\` ended with code ${exitCode}: ${all.trim()}`);
}
