import { z } from "zod";
import { hostPath } from "../names.ts";

const hash = z.string().regex(/^[0-9a-f]{64}$/, "must be a SHA-256 in lower-case hex");

/** What a request has to fulfil to come in by one of a service's hosts. */
export const routeRule = z.object({
  /** One of `hosts`. */
  at: hostPath,
  /** Largest body, in MiB. 1-1048576. @default no limit */
  maxBodyMb: z.int().min(1).max(1_048_576).optional(),
  /** Addresses and networks of clients, IPv4 or IPv6. @default every address */
  allow: z
    .array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], "must be an address or a network"))
    .min(1, "must hold at least one address")
    .optional(),
  /**
   * By user name, the SHA-256 of each whole `Authorization` header that is right, in lower-case hex. Secret.
   * @default nobody is asked
   */
  users: z
    .record(
      z.string().regex(/^[A-Za-z0-9._@-]{1,64}$/, "must be 1 to 64 letters, digits and ._@-"),
      // Fragments of an earlier version hold one hash instead of a list.
      z.union([z.array(hash).min(1, "must hold a hash"), hash.transform((one) => [one])]),
    )
    .refine((users) => Object.keys(users).length > 0, "must name at least one user")
    .optional(),
});

/** A rule, checked. */
export type RouteRule = z.infer<typeof routeRule>;

/**
 * The lines of a backend that let in what fulfils the rules, those of the most specific host that matches. Requests from
 * the platform's own frontend `internal` need nothing.
 */
export function renderRules(service: string, rules: readonly RouteRule[]): string[] {
  const kinds = new Map(rules.filter((rule) => kindOf(rule) !== OPEN).map((rule) => [kindOf(rule), rule]));
  if (kinds.size === 0) return [];
  const numbers = [OPEN, ...kinds.keys()];
  const number = (rule: RouteRule) => numbers.indexOf(kindOf(rule));
  const alike = rules.every((rule) => number(rule) === 1);
  return [
    "acl internal fe_name internal",
    ...(alike ? ["http-request set-var(txn.rule) str(1) if !internal"] : chooseRule(rules, number)),
    ...[...kinds.values()].flatMap((rule) => enforce(service, rule, number(rule))),
  ];
}

const OPEN = "{}";
const MEBIBYTE = 1_048_576;

/** A rule without its place; two rules of one kind are one to the proxy. */
function kindOf({ maxBodyMb, allow, users }: RouteRule): string {
  return JSON.stringify({ maxBodyMb, allow, users });
}

/**
 * The last match wins, and a longer host sorts after its beginning. A program may read a path in another way than it is
 * written (`/%61dmin`, `//admin`, `/x/../admin`); where that would fall under another rule, the request is refused.
 */
function chooseRule(rules: readonly RouteRule[], number: (rule: RouteRule) => number): string[] {
  const sorted = rules.toSorted((a, b) => (a.at < b.at ? -1 : 1));
  const choose = (variable: string, path: string, spell: (at: string) => string) =>
    sorted.map(
      (rule) =>
        `http-request set-var(txn.${variable}) str(${number(rule)}) if !internal { var(txn.${path}) -m beg ${spell(rule.at)}/ }`,
    );
  return [
    "http-request set-var(txn.decoded) path,url_dec,regsub(;[^/]*,,g),regsub(/+,/,g),lower if !internal",
    "http-request deny deny_status 400 if !internal !{ var(txn.decoded) -m found }",
    `http-request deny deny_status 400 if !internal { var(txn.decoded) -m reg '(^|/)[.][.]?(/|$)|\\\\|[[:cntrl:]]' }`,
    "http-request set-var(txn.written) var(txn.host),concat(,txn.path,/) if !internal",
    "http-request set-var(txn.read) var(txn.host),concat(,txn.decoded,/) if !internal",
    ...choose("rule", "written", (at) => at),
    ...choose("rule_read", "read", (at) => at.toLowerCase()),
    "http-request deny deny_status 400 if !internal !{ var(txn.rule),strcmp(txn.rule_read) eq 0 }",
  ];
}

function enforce(service: string, { maxBodyMb, allow, users }: RouteRule, number: number): string[] {
  const applies = `{ var(txn.rule) -m str ${number} }`;
  const lines: string[] = [];
  if (allow) lines.push(`http-request deny deny_status 403 if ${applies} !{ src ${allow.join(" ")} }`);
  if (users) {
    const right = `{ req.fhdr(authorization),sha2(256),hex,lower -m str ${Object.values(users).flat().join(" ")} }`;
    const challenge = `WWW-Authenticate 'Basic realm="${service}", charset="UTF-8"'`;
    lines.push(
      `http-request return status 401 content-type text/plain string "sign in" hdr ${challenge} if ${applies} !${right}`,
      `http-request set-var(txn.user) http_auth_user if ${applies}`,
      `http-request del-header Authorization if ${applies}`,
    );
  }
  if (maxBodyMb !== undefined) lines.push(...limitBody(applies, maxBodyMb * MEBIBYTE));
  return lines;
}

/**
 * HTTP/2 shows only by its first byte that a body without a length is there. An `Upgrade` in it is a tunnel's (RFC 8441),
 * which has no body to wait for.
 */
function limitBody(applies: string, bytes: number): string[] {
  const unmeasured = "!{ req.hdr(content-length) -m found } !{ req.hdr(upgrade) -m found }";
  const refuse = 'http-request return status 411 content-type text/plain string "length required"';
  return [
    `${refuse} if ${applies} { req.hdr(transfer-encoding) -m found }`,
    `http-request wait-for-body time 10s at-least 1 if ${applies} ${unmeasured}`,
    `${refuse} if ${applies} ${unmeasured} { req.body_len gt 0 }`,
    `http-request deny deny_status 413 if ${applies} { req.fhdr(content-length),add(0) gt ${bytes} }`,
    // No honest length has so many digits, and one that does not fit the proxy's integers would count as negative.
    `http-request deny deny_status 413 if ${applies} { req.fhdr(content-length) -m len 16: }`,
  ];
}
