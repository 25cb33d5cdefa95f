import { describe, expect, it } from "vitest";
import { haproxyBaseConfig } from "../../../../components/docker/haproxy-config.ts";

describe("the proxy's base configuration", () => {
  it("redirects to the published port, and to none when it is the usual one", () => {
    const line = "redirect code 308 location https://%[var(txn.host)]";
    expect(haproxyBaseConfig({ httpsPort: 8443 })).toContain(`${line}:8443%[pathq]\n`);
    expect(haproxyBaseConfig({ httpsPort: 443 })).toContain(`${line}%[pathq]\n`);
  });
});
