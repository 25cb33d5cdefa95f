import { describe, expect, it } from "vitest";
import { observe } from "../../../supervisor/condition.ts";
import type { ListedContainer } from "../../../supervisor/engine.ts";
import { parseServersState } from "../../../supervisor/servers-state.ts";
import type { ProxyView } from "../../../supervisor/servers-state.ts";

const HEADER =
  "# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord";

/** A line of HAProxy 2.6, as it was seen. */
const line = (container: string, operation: number, admin: number) =>
  `4 dev.web 1 s1 192.168.64.3 ${operation} ${admin} 1 1 590 12 0 0 7 0 0 0 ${container} 8080 -`;

const container = (more: Partial<ListedContainer> = {}): ListedContainer => ({
  Id: "1",
  Names: ["/dev-web-1"],
  Labels: { "slipway.environment": "dev", "slipway.service": "web", "slipway.links": "api,db" },
  State: "running",
  Status: "Up 5 minutes",
  Created: 0,
  ...more,
});

const proxyWith = (...lines: string[]) => parseServersState(["1", HEADER, ...lines, ""].join("\n"));
const noBackend: ProxyView = { backends: new Set(), ready: [] };
const conditionOf = (view: ProxyView | undefined, more: Partial<ListedContainer> = {}) =>
  observe(container(more), view).condition;

describe("a container behind the proxy", () => {
  it("is well while it passes the check of its ready slot", () => {
    expect(conditionOf(proxyWith(line("dev-web-1", 2, 68)))).toEqual({ kind: "well" });
  });

  it("is sick when it gets requests and does not pass the check", () => {
    expect(conditionOf(proxyWith(line("dev-web-1", 0, 68)))).toEqual({
      kind: "sick",
      why: "it does not pass the proxy's check",
      checkedBy: "proxy",
    });
  });

  it.each([
    ["drained", line("dev-web-1", 0, 72)],
    ["in maintenance", line("dev-web-1", 0, 69)],
    ["not found by its name", line("dev-web-1", 0, 100)],
    ["not in a slot yet", line("dev-web-2", 2, 64)],
  ])("is nobody's concern while it is %s, even when its own health check fails", (_what, row) => {
    expect(conditionOf(proxyWith(row), { Status: "Up 5 minutes (unhealthy)" })).toEqual({ kind: "unknown" });
  });
});

describe("a container that the proxy does not know", () => {
  it.each([
    ["Up 5 minutes (unhealthy)", { kind: "sick", why: "its own health check fails", checkedBy: "engine" }],
    ["Up 5 minutes (healthy)", { kind: "well" }],
    ["Up 2 seconds (health: starting)", { kind: "unknown" }],
    ["Up 5 minutes", { kind: "unknown" }],
  ])("fares as its own health check says: %s", (Status, expected) => {
    expect(conditionOf(noBackend, { Status })).toEqual(expected);
  });

  it.each(["exited", "restarting", "paused", "created"])("is down when it is %s", (State) => {
    expect(conditionOf(noBackend, { State })).toEqual({ kind: "down" });
  });
});

it("nothing is judged while the proxy does not answer", () => {
  expect(conditionOf(undefined, { Status: "Up 5 minutes (unhealthy)" })).toEqual({ kind: "unknown" });
});

it("an answer without a table is none", () => {
  expect(parseServersState("Can't find the target CLI!\n")).toBeUndefined();
});

it("whom a service calls stands in its labels", () => {
  expect(observe(container(), noBackend)).toMatchObject({
    container: "dev-web-1",
    environment: "dev",
    service: "web",
    links: ["api", "db"],
  });
});
