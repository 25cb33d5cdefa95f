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

  it("leaves it to clients to close idle connections, and tells them for how long it keeps them", () => {
    const config = haproxyBaseConfig({ httpsPort: 8443 });
    // HAProxy 2.6 takes the shorter one.
    expect(config.match(/^ {2}timeout (http-keep-alive|client) .*$/gm)).toEqual([
      "  timeout http-keep-alive 200s",
      "  timeout client 200s",
    ]);
    const told = "  http-after-response set-header Keep-Alive timeout=180\n";
    for (const frontend of ["https", "internal"]) {
      const [, section] = new RegExp(`^frontend ${frontend}\n(.*?)\n\n`, "ms").exec(config) ?? [];
      expect(section).toContain(told);
    }
  });

  it("closes connections to programs before programs do, which would cut off a POST", () => {
    expect(haproxyBaseConfig({ httpsPort: 8443 })).toContain("  default-server pool-purge-delay 250ms ");
  });

  it("has an older worker hand requests on to the current one, whatever it knows of their hosts", () => {
    const config = haproxyBaseConfig({ httpsPort: 8443, registry: { host: "registry.test" } });
    for (const frontend of ["https", "internal"]) {
      const [, section = ""] = new RegExp(`^frontend ${frontend}\n(.*?)\n\n`, "ms").exec(config) ?? [];
      const choices = section.split("\n").filter((line) => line.includes("txn.backend"));
      expect(choices.at(-3)).toBe(`  http-request set-var(txn.backend) str(current-${frontend}) if { stopping }`);
      expect(choices.at(-2)).toMatch(/return status 404 .* unless \{ var\(txn\.backend\) -m found \}$/);
      expect(choices.at(-1)).toBe("  use_backend %[var(txn.backend)]");
    }
  });
});
