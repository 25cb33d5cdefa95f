/**
 * HAProxy's `log-format` of an access log with one JSON object per line, valid whatever a client sends: what a client
 * chooses is cut to a length, freed from invalid UTF-8 and escaped by `json(utf8s)`, which never fails; all else is a
 * number or made of letters, digits and `-.:<>`. Paths are logged without their query, which may hold secrets.
 */
export const ACCESS_LOG_FORMAT = `'{${Object.entries({
  /** When the answer was complete, in UTC. */
  time: text("%[date,utime(%Y-%m-%dT%H:%M:%S)].%[date(0,ms),mod(1000),add(1000),regsub(^1,)]Z"),
  /** Address of the client. */
  client: text("%ci"),
  /** Who signed in, on a route for some users. */
  user: text("%[var(txn.user),json(utf8s)]"),
  method: text("%HM"),
  host: text("%[var(txn.host),bytes(0,253),json(utf8s)]"),
  path: text("%[var(txn.path),bytes(0,1024),json(utf8s)]"),
  httpVersion: text("%HV"),
  /** `TLSv1.3`, or `-` without TLS. */
  tlsVersion: text("%sslv"),
  status: "%ST",
  /** What was sent to the client, headers included. */
  bytes: "%B",
  // Milliseconds, -1 for what the request did not come to: receiving it, waiting for a place, connecting, waiting for the
  // answer's headers, sending the answer; and all of it.
  requestMs: "%TR",
  queueMs: "%Tw",
  connectMs: "%Tc",
  responseMs: "%Tr",
  dataMs: "%Td",
  totalMs: "%Ta",
  /** `<environment>.<service>`. */
  backend: text("%b"),
  /** Slot of the service that answered, and the container's address. */
  slot: text("%s"),
  server: text("%si"),
  requestId: text("%[var(txn.id),json(utf8s)]"),
  /** Who ended it and when, \`----\` if all went well (HAProxy's manual, "Session state at disconnection"). */
  termination: text("%tsc"),
  /** How often the proxy tried anew. */
  retries: "%rc",
  userAgent: text("%[var(txn.agent),bytes(0,128),json(utf8s)]"),
})
  .map(([name, value]) => `"${name}":${value}`)
  .join(",")}}'`;

function text(value: string): string {
  return `"${value}"`;
}
