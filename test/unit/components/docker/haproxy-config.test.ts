import { describe, expect, it } from "vitest";
import { haproxyBaseConfig } from "../../../../components/docker/haproxy-config.ts";

describe("the proxy's base configuration", () => {
  it("redirects to the published port, and to none when it is the usual one", () => {
    const line = "redirect code 308 location https://%[var(txn.host)]";
    expect(haproxyBaseConfig({ httpsPort: 8443 })).toContain(`${line}:8443%[pathq]\n`);
    expect(haproxyBaseConfig({ httpsPort: 443 })).toContain(`${line}%[pathq]\n`);
  });

  it("listens on the ports of environments, which stand for themselves there and are told to programs", () => {
    const config = haproxyBaseConfig({ httpsPort: 8443, environmentPorts: { first: 8500, last: 8519 } });
    expect(config.match(/^ {2}bind :8.* ssl .*$/gm)).toEqual([
      "  bind :8443 ssl crt /etc/slipway/certs/ alpn h2,http/1.1",
      "  bind :8500-8519 ssl crt /etc/slipway/certs/ alpn h2,http/1.1",
    ]);
    expect(config).toContain("set-var(txn.host) var(txn.host),concat(:,txn.port) if { dst_port 8500:8519 }\n");
    expect(config).toContain("set-header X-Forwarded-Port %[dst_port] if { dst_port 8500:8519 }\n");
    expect(haproxyBaseConfig({ httpsPort: 8443 })).not.toMatch(/dst_port|txn\.port/);
  });
});
