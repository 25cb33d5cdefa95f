/** One server line of a backend, as the running process has it. */
export interface RunningSlot {
  name: string;
  /** Container that it leads to; undefined when the slot is unassigned. */
  container: string | undefined;
  port: number;
  /** Address that the container's name was last resolved to; undefined before. */
  address: string | undefined;
  /** `ready` gets new requests, `drain` is checked only, `maint` is neither. */
  state: "ready" | "drain" | "maint";
  /** True when the proxy's check passes, or the slot has none; until the first check as well. */
  up: boolean;
  /** True when the last check has passed. */
  passed: boolean;
}

/** Host name of a slot that leads nowhere; no container is called so. */
export const UNASSIGNED = "unassigned";

// HAProxy's include/haproxy/server-t.h: SRV_ADMF_FMAINT | IMAINT | RMAINT, and FDRAIN | IDRAIN.
const MAINT = 0x01 | 0x02 | 0x20;
const FORCED_MAINT = 0x01;
const DRAIN = 0x08 | 0x10;
const RUNNING = 2;
// Its include/haproxy/check-t.h: CHK_RES_PASSED.
const PASSED = 3;

/**
 * Reads the answer to `show servers state BACKEND`; undefined when the process has no such backend.
 *
 * @throws {Error} when the answer is neither.
 */
export function parseSlots(answer: string): RunningSlot[] | undefined {
  if (answer.startsWith("Can't find backend")) return undefined;
  return [...parseBackends(answer).values()].flat();
}

/**
 * Reads the answer to `show servers state`, by backend.
 *
 * @throws {Error} when it is something else.
 */
export function parseBackends(answer: string): Map<string, RunningSlot[]> {
  const lines = answer.split("\n");
  const header = lines
    .find((line) => line.startsWith("# "))
    ?.slice(2)
    .split(" ");
  if (!header) throw new Error(`HAProxy does not show the state of its servers: ${answer.trim()}`);
  const servers = lines
    .filter((line) => /^\d+ /.test(line))
    .map((line) => {
      const fields = line.split(" ");
      return (name: string) => fields[header.indexOf(name)] ?? "";
    });
  const byBackend = Map.groupBy(servers, (field) => field("be_name"));
  return new Map([...byBackend].map(([backend, fields]) => [backend, fields.map(toSlot)]));
}

function toSlot(field: (name: string) => string): RunningSlot {
  const [address, fqdn, admin] = [field("srv_addr"), field("srv_fqdn"), Number(field("srv_admin_state"))];
  return {
    name: field("srv_name"),
    container: fqdn === UNASSIGNED || fqdn === "-" ? undefined : fqdn,
    port: Number(field("srv_port")),
    address: address === "-" ? undefined : address,
    state: slotState(admin),
    up: Number(field("srv_op_state")) === RUNNING && (admin & MAINT) === 0,
    passed: Number(field("srv_check_result")) === PASSED,
  };
}

/** A server whose name does not resolve is in maintenance of its own accord; what was asked of it counts. */
function slotState(admin: number): RunningSlot["state"] {
  if (admin & FORCED_MAINT) return "maint";
  return admin & DRAIN ? "drain" : "ready";
}

/** What `show stat` knows of a server. */
export interface SlotStatistics {
  /** Requests and tunnels that it is serving now. */
  sessions: number;
  /** Result of the last check, such as `L7STS 503 Service Unavailable`. */
  lastCheck: string;
}

/** Reads the answer to `show stat`, by backend and server, as `backend/server`. */
export function parseStatistics(answer: string): Map<string, SlotStatistics> {
  const lines = answer.split("\n");
  const header =
    lines
      .find((line) => line.startsWith("# "))
      ?.slice(2)
      .split(",") ?? [];
  const rows = lines.filter((line) => line.includes(",") && !line.startsWith("#"));
  return new Map(
    rows.map((line) => {
      const fields = line.split(",");
      const field = (name: string) => fields[header.indexOf(name)] ?? "";
      const check = [field("check_status").replace(/^\* /, ""), field("check_code"), field("check_desc")];
      return [
        `${field("pxname")}/${field("svname")}`,
        { sessions: Number(field("scur")), lastCheck: check.filter((part) => part !== "").join(" ") },
      ];
    }),
  );
}

/** Reads the answer to `show map FILE`. */
export function parseMap(answer: string): Map<string, string> {
  const entries = answer
    .split("\n")
    .map((line) => /^0x[0-9a-f]+ (\S+) (\S+)$/.exec(line))
    .flatMap((match) => (match?.[1] !== undefined && match[2] !== undefined ? [[match[1], match[2]] as const] : []));
  return new Map(entries);
}
