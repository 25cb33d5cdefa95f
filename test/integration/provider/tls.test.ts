import { connect } from "node:tls";
import type { ConnectionOptions } from "node:tls";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { TestPlatform } from "./harness.ts";

const platform = new TestPlatform();

beforeAll(async () => {
  await platform.start();
  // The engine takes connections before HAProxy does, and cuts them.
  await vi.waitUntil(async () => (await agree({})).startsWith("TLS"), { timeout: 10_000 });
});
afterAll(() => platform.stop());

/** Protocol and cipher suite that a client and the proxy agree on, or why they do not. */
async function agree(options: ConnectionOptions): Promise<string> {
  const port = await platform.publishedPort("8443/tcp");
  return new Promise((resolve) => {
    const address = { host: "127.0.0.1", port, servername: "site.test", rejectUnauthorized: false };
    const socket = connect({ ...address, ...options }, () => {
      resolve(`${socket.getProtocol() ?? ""} ${socket.getCipher().name}`);
      socket.end();
    }).on("error", (error: NodeJS.ErrnoException) => {
      resolve(error.code ?? error.message);
    });
  });
}

describe("the proxy's TLS", () => {
  it.each([
    ["TLSv1.3", {}, "TLSv1.3 TLS_AES_128_GCM_SHA256"],
    ["TLSv1.2", { ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256" }, "TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256"],
  ] as const)("is spoken in %s", async (version, options, expected) => {
    expect(await agree({ minVersion: version, maxVersion: version, ...options })).toBe(expected);
  });

  it.each(["TLSv1", "TLSv1.1"] as const)("is not spoken in %s", async (version) => {
    // Without this level OpenSSL would refuse the old protocol itself, and nothing would have been asked.
    const options = { minVersion: version, maxVersion: version, ciphers: "DEFAULT@SECLEVEL=0" };
    expect(await agree(options)).toBe("ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION");
  });

  it.each(["ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA"])(
    "does not take %s, which encrypts before it authenticates",
    async (ciphers) => {
      const options = { minVersion: "TLSv1.2", maxVersion: "TLSv1.2", ciphers } as const;
      expect(await agree(options)).toBe("ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE");
    },
  );
});
