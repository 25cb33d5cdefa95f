import { describe, expect, it } from "vitest";
import {
  hostsMap,
  parseFragment,
  refuseClaimedHosts,
  renderFragment,
  renderHostsMap,
} from "../../../../provider/release/fragment.ts";
import type { Fragment } from "../../../../provider/release/fragment.ts";

const web: Fragment = {
  environment: "dev",
  service: "web",
  health: { path: "/fr", host: "web.test", everySeconds: 1, timeoutSeconds: 3, failures: 2 },
  hosts: ["web.test", "web.test/shop"],
  rules: [],
  slots: [
    { name: "s1", container: "web-1a2b", port: 8080, checked: true },
    { name: "s2", port: 8080, checked: true },
    { name: "s3", container: "web-old", port: 9090, checked: false },
  ],
};

describe("a service's fragment", () => {
  it("is a backend with its slots, headed by what it was made from", () => {
    expect(renderFragment(web).split("\n").slice(1)).toEqual([
      "backend dev.web",
      "  retry-on conn-failure empty-response",
      "  http-request disable-l7-retry unless METH_GET",
      "  option httpchk",
      "  http-check send meth GET uri '/fr' ver HTTP/1.1 hdr Host 'web.test'",
      "  http-check expect status 200-399",
      "  timeout check 3s",
      "  server s1 web-1a2b:8080 check inter 1s fall 2 observe layer4 error-limit 2 on-error mark-down",
      "  server s2 unassigned:8080 check inter 1s fall 2 observe layer4 error-limit 2 on-error mark-down disabled init-addr none",
      "  server s3 web-old:9090",
      "",
    ]);
  });

  it("keeps a client on its container by a cookie, and refuses neighbours from elsewhere", () => {
    const internal = { port: 20_007, subnets: ["172.18.0.0/16"] };
    const [slot] = web.slots;
    const lines = renderFragment({ ...web, health: undefined, sticky: true, internal, slots: slot ? [slot] : [] });
    expect(lines.split("\n").slice(4)).toEqual([
      "  http-request deny if { dst_port 20000:20255 } !{ src 172.18.0.0/16 }",
      "  cookie SLIPWAY insert indirect nocache httponly secure attr SameSite=Lax",
      "  server s1 web-1a2b:8080 check cookie s1",
      "",
    ]);
    expect(hostsMap([{ ...web, internal }])).toEqual(
      new Map([
        ["dev.slipway.internal:20007/", "dev.web"],
        ["web.test/", "dev.web"],
        ["web.test/shop/", "dev.web"],
      ]),
    );
  });

  it("is read back as it was written", () => {
    expect(parseFragment(renderFragment(web))).toEqual(web);
    expect(parseFragment("backend dev.web\n")).toBeUndefined();
    expect(parseFragment("# slipway {damaged\n")).toBeUndefined();
  });
});

describe("the map of hosts", () => {
  it("leads each host and path to its backend, sorted", () => {
    const api = { ...web, service: "api", hosts: ["api.test"] };
    expect(renderHostsMap(hostsMap([web, api]))).toBe("api.test/ dev.api\nweb.test/ dev.web\nweb.test/shop/ dev.web\n");
  });

  it("refuses a host that another service has, naming both", () => {
    const rival = { ...web, service: "rival", hosts: ["web.test/shop"] };
    expect(() => {
      refuseClaimedHosts(rival, [web]);
    }).toThrow(
      'hosts: "web.test/shop" already leads to service "web" of environment "dev", so service "rival" of environment ' +
        '"dev" cannot have it; give one of them another host, or take it from the other one first',
    );
    expect(() => {
      refuseClaimedHosts(web, [web]);
    }).not.toThrow();
  });
});
