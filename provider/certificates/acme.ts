import { generateKeyPair, X509Certificate } from "node:crypto";
import { Agent } from "node:https";
import { promisify } from "node:util";
import type { Authorization, Client } from "acme-client";
import { execa } from "execa";
import { describe } from "../plugin/describe.ts";
import type { ResourceContext } from "../plugin/resource.ts";
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

type Kind = "http-01" | "dns-01";
type Told = Pick<ResourceContext, "progress" | "warn">;

const generate = promisify(generateKeyPair);

/**
 * Orders a certificate by ACME (RFC 8555). Proof by HTTP needs nothing here: the proxy answers every challenge of the
 * account, as the answer consists of what is asked and the account's thumbprint.
 *
 * @returns certificate, chain and key in one PEM text, and when to renew.
 * @throws {Error} with the authority's own words when it refuses.
 */
export async function orderCertificate(order: Order, context: Told): Promise<{ pem: string; renewAt: string }> {
  context.progress(`ordering a certificate for ${order.hosts.join(", ")} from ${new URL(order.directory).host}`);
  // Loaded when a certificate is first ordered: it costs 0.3 s.
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
  const chain = await request(client, order, csr, context);
  return {
    pem: [chain, key].map((part) => `${part.trim()}\n`).join(""),
    renewAt: renewalOf(new X509Certificate(chain)),
  };
}

async function request(client: Client, order: Order, csr: Buffer, context: Told): Promise<string> {
  const { hosts, email, directory, dnsCommand } = order;
  try {
    await client.createAccount({ termsOfServiceAgreed: true, contact: [`mailto:${email}`] });
    const placed = await client.createOrder({ identifiers: hosts.map((value) => ({ type: "dns", value })) });
    const pending = (await client.getAuthorizations(placed)).filter(({ status }) => status !== "valid");
    if (dnsCommand === undefined) await Promise.all(pending.map((each) => prove(client, each, "http-01")));
    // A domain and its wildcard have their records under one name, and who clears the one may clear the other with it.
    else for (const each of pending) await proveByDns(client, each, dnsCommand, context);
    return await client.getCertificate(await client.finalizeOrder(placed, csr));
  } catch (error) {
    throw new Error(`${directory} gives no certificate for ${hosts.join(", ")}: ${describe(error)}`, { cause: error });
  }
}

async function proveByDns(
  client: Client,
  authorization: Authorization,
  command: readonly string[],
  { progress, warn }: Told,
): Promise<void> {
  const { identifier } = authorization;
  const value = await client.getChallengeKeyAuthorization(challengeOf(authorization, "dns-01"));
  progress(`waiting for \`${command.join(" ")}\` to set a record that proves ${identifier.value}`);
  await setRecord(command, "present", identifier, value);
  try {
    await prove(client, authorization, "dns-01");
  } finally {
    // A record that stays proves nothing to anybody, and what was ordered is there.
    await setRecord(command, "cleanup", identifier, value).catch((error: unknown) => {
      warn(describe(error));
    });
  }
}

/** Has the authority look, which sees what we may not: this machine can be behind other name servers than the world. */
async function prove(client: Client, authorization: Authorization, kind: Kind): Promise<void> {
  const challenge = challengeOf(authorization, kind);
  await client.completeChallenge(challenge);
  await client.waitForValidStatus(challenge);
}

function challengeOf({ challenges, identifier }: Authorization, kind: Kind): Authorization["challenges"][number] {
  const challenge = challenges.find(({ type }) => type === kind);
  if (challenge) return challenge;
  throw new Error(`it offers no ${kind} for ${identifier.value}`);
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
