import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import getPort from "get-port";
import { signingKey, x509 } from "../../provider/x509.ts";
import { issueCertificate } from "../../provider/certificates/issue.ts";
import { providePebble } from "../../toolchain/needs/pebble.ts";
import { REPOSITORY, placesOf } from "../../toolchain/places.ts";
import { runSteps } from "../../toolchain/report.ts";
import { request } from "./request.ts";

/** A running authority for certificates by ACME. */
export interface TestAuthority {
  /** Address of its directory. */
  directory: string;
  /** Certificate that the directory's own is signed by, PEM. */
  directoryCertificate: string;
  /** Certificate of the root that it signs with, PEM; another one each time it is started. */
  root: () => Promise<string>;
  /** Where TXT records are set and cleared. */
  nameServer: string;
  stop: () => Promise<void>;
}

const READY_MS = 10_000;

/**
 * Starts Pebble and its name server on loopback. Every name leads to this machine; proof by HTTP is asked for on the
 * given port.
 *
 * @param certificateSeconds how long its certificates are valid.
 */
export async function startAuthority(httpPort: number, certificateSeconds: number): Promise<TestAuthority> {
  let programs: Awaited<ReturnType<typeof providePebble>> | undefined;
  const provide = async (say: (progress: string) => void) => {
    programs = await providePebble(placesOf(REPOSITORY, process.env), say);
    return programs.summary;
  };
  await runSteps([[{ name: "Pebble", run: provide }]], process.stdout);
  if (!programs) throw new Error("Pebble was not provided");
  const directory = await mkdtemp(join(tmpdir(), "slipway-pebble-"));
  const [port, management, dns, records] = await Promise.all([getPort(), getPort(), getPort(), getPort()]);
  const directoryCertificate = await writeConfiguration(directory, { port, management, httpPort, certificateSeconds });
  const none = ["-http01", "", "-https01", "", "-tlsalpn01", "", "-doh", ""];
  const nameServer = execa(
    programs.nameServer,
    [...none, "-dnsserver", `127.0.0.1:${dns}`, "-management", `127.0.0.1:${records}`, "-defaultIPv6", ""],
    { reject: false },
  );
  const pebble = execa(programs.pebble, ["-config", join(directory, "pebble.json"), "-dnsserver", `127.0.0.1:${dns}`], {
    env: { PEBBLE_VA_NOSLEEP: "1", PEBBLE_WFE_NONCEREJECT: "0" },
    reject: false,
  });
  const ask = (path: string, at = management) =>
    request({ host: "localhost", port: at, path, authority: directoryCertificate });
  const authority: TestAuthority = {
    directory: `https://localhost:${port}/dir`,
    directoryCertificate,
    root: async () => (await ask("/roots/0")).body,
    nameServer: `http://127.0.0.1:${records}`,
    async stop() {
      pebble.kill();
      nameServer.kill();
      await Promise.all([pebble, nameServer]);
      await rm(directory, { recursive: true, force: true });
    },
  };
  await untilReady(() => ask("/dir", port));
  return authority;
}

async function writeConfiguration(
  directory: string,
  ports: { port: number; management: number; httpPort: number; certificateSeconds: number },
): Promise<string> {
  const { certificate: authorityCertificate, key: authorityKey } = await makeAuthority();
  const { pem } = await issueCertificate({ hosts: ["localhost"], authorityCertificate, authorityKey });
  const [certificate, key] = [join(directory, "certificate.pem"), join(directory, "key.pem")];
  await writeFile(certificate, pem);
  await writeFile(key, pem.slice(pem.lastIndexOf("-----BEGIN")));
  const pebble = {
    listenAddress: `127.0.0.1:${ports.port}`,
    managementListenAddress: `127.0.0.1:${ports.management}`,
    certificate,
    privateKey: key,
    httpPort: ports.httpPort,
    tlsPort: 5001,
    profiles: { default: { description: "for tests", validityPeriod: ports.certificateSeconds } },
  };
  await writeFile(join(directory, "pebble.json"), JSON.stringify({ pebble }));
  return authorityCertificate;
}

async function makeAuthority(): Promise<{ certificate: string; key: string }> {
  const library = await x509();
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = privateKey.export({ type: "sec1", format: "pem" }).toString();
  const { keys, signingAlgorithm } = signingKey(key);
  const certificate = await library.X509CertificateGenerator.createSelfSigned({
    name: "CN=Test authority of the directory",
    keys,
    signingAlgorithm,
    extensions: [new library.BasicConstraintsExtension(true, undefined, true)],
  });
  return { certificate: certificate.toString("pem"), key };
}

async function untilReady(ask: () => Promise<unknown>): Promise<void> {
  const deadline = Date.now() + READY_MS;
  for (;;) {
    try {
      await ask();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(100);
    }
  }
}
