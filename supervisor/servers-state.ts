/** A server of the proxy that new requests are sent to. */
export interface ReadyServer {
  /** `<environment>.<service>`. */
  backend: string;
  container: string;
  /** True when the proxy's check passes. */
  up: boolean;
}

/** What the proxy has, as far as healing depends on it. */
export interface ProxyView {
  /** Services behind the proxy, each `<environment>.<service>`. */
  backends: ReadonlySet<string>;
  /** Where they get their requests. A container that is being released or drained is in none. */
  ready: readonly ReadyServer[];
}

// HAProxy's include/haproxy/server-t.h: what takes a server out of its backend, without 0x04, which only remembers that
// the configuration said so. A name that does not resolve (0x20) counts: its container has stopped.
const MAINT_OR_DRAIN = 0x01 | 0x02 | 0x08 | 0x10 | 0x20;
const RUNNING = 2;

/** Reads HAProxy's answer to `show servers state`; undefined when it is none. */
export function parseServersState(answer: string): ProxyView | undefined {
  const lines = answer.split("\n");
  const header = lines
    .find((line) => line.startsWith("# "))
    ?.slice(2)
    .split(" ");
  if (!header) return undefined;
  const rows = lines.filter((line) => /^\d+ /.test(line)).map((line) => line.split(" "));
  const field = (row: readonly string[], name: string) => row[header.indexOf(name)] ?? "";
  return {
    backends: new Set(rows.map((row) => field(row, "be_name"))),
    ready: rows
      .filter((row) => (Number(field(row, "srv_admin_state")) & MAINT_OR_DRAIN) === 0)
      .map((row) => ({
        backend: field(row, "be_name"),
        container: field(row, "srv_fqdn"),
        up: Number(field(row, "srv_op_state")) === RUNNING,
      })),
  };
}
