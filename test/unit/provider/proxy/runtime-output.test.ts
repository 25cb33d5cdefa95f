import { describe, expect, it } from "vitest";
import { parseMap, parseSlots, parseStatistics } from "../../../../provider/proxy/runtime-output.ts";

// Answers of HAProxy 2.6.12.
const STATE = `1
# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port
4 dev.web 1 s1 - 0 37 1 1 1 1 0 0 14 0 0 0 unassigned 8080 - 0 0 - - 0
4 dev.web 2 s2 172.18.0.3 2 76 1 1 34 15 3 3 6 0 0 0 web-2 8080 - 0 0 - - 0
4 dev.web 3 s3 172.18.0.4 2 64 1 1 34 15 3 3 6 0 0 0 web-3 9090 - 0 0 - - 0
4 dev.web 4 s4 - 0 32 1 1 34 15 3 3 6 0 0 0 web-4 8080 - 0 0 - - 0
`;

describe("the proxy's answers", () => {
  it("tell the slots of a backend", () => {
    expect(parseSlots(STATE)).toEqual([
      { name: "s1", container: undefined, port: 8080, address: undefined, state: "maint", up: false, passed: false },
      { name: "s2", container: "web-2", port: 8080, address: "172.18.0.3", state: "drain", up: true, passed: true },
      { name: "s3", container: "web-3", port: 9090, address: "172.18.0.4", state: "ready", up: true, passed: true },
      { name: "s4", container: "web-4", port: 8080, address: undefined, state: "ready", up: false, passed: true },
    ]);
  });

  it("tell a backend that is not there from no answer", () => {
    expect(parseSlots("Can't find backend.\n\n")).toBeUndefined();
    expect(() => parseSlots("\n")).toThrow("HAProxy does not show the state of its servers: ");
  });

  it("tell sessions and the last check", () => {
    const answer =
      "# pxname,svname,scur,check_status,check_code,check_desc,\ndev.web,s1,3,* L7STS,503,Layer7 wrong status,\n";
    expect(parseStatistics(answer)).toEqual(
      new Map([["dev.web/s1", { sessions: 3, lastCheck: "L7STS 503 Layer7 wrong status" }]]),
    );
  });

  it("tell the map of hosts", () => {
    expect(parseMap("0x55d0c8a0 web.test/ dev.web\n0x55d0c8b0 web.test/api/ dev.api\n\n")).toEqual(
      new Map([
        ["web.test/", "dev.web"],
        ["web.test/api/", "dev.api"],
      ]),
    );
  });
});
