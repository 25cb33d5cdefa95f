import type { X509Certificate } from "node:crypto";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { shell } from "../../provider/proxy/shell.ts";
import { startAuthority } from "../support/pebble.ts";
import type { TestAuthority } from "../support/pebble.ts";
import { request } from "../support/request.ts";
import { startVisitor } from "../support/visitor.ts";
import { createWorkspace } from "../support/workspace.ts";
import type { Workspace } from "../support/workspace.ts";

const SITE = "website.dev.localhost";
const LONG_SECONDS = 90 * 24 * 3600;

describe("a certificate by ACME", () => {
  let workspace: Workspace;
  let authority: TestAuthority;

  beforeAll(async () => {
    workspace = await createWorkspace();
    authority = await startAuthority(workspace.ports.http, LONG_SECONDS);
    const acme = {
      email: "ops@example.org",
      directory: authority.directory,
      directoryCertificate: authority.directoryCertificate,
    };
    await workspace.edit("stacks/platform.ts", (content) =>
      content.replace("domain:", `acme: ${JSON.stringify(acme)},\n  domain:`),
    );
    await workspace.up("platform");
  });

  afterAll(async () => {
    await authority.stop();
    await workspace.remove();
  });

  const certify = (setting: string) =>
    workspace.edit("stacks/dev.ts", (content) =>
      content.replace(/ {2}(certificate: .*\n {2})?domain:/, `  certificate: ${setting},\n  domain:`),
    );
  const up = () => workspace.pulumi("up", "--yes", "--skip-preview", "--stack", "dev");
  const ask = async (root: string, signal?: AbortSignal) =>
    request({ host: SITE, port: workspace.ports.https, path: "/fr", authority: root, signal });
  const presented = (host: string) =>
    new Promise<X509Certificate>((resolve, reject) => {
      const options = { host: "127.0.0.1", port: workspace.ports.https, servername: host, rejectUnauthorized: false };
      const socket = connect(options, () => {
        const certificate = socket.getPeerX509Certificate();
        socket.end();
        if (certificate) resolve(certificate);
      }).on("error", reject);
    });

  const inProxy = async (script: string) => {
    const filters = { label: [`slipway.namespace=${workspace.namespace}`, "slipway.role=proxy"] };
    const [proxy] = await workspace.docker.listContainers({ filters });
    return shell(workspace.docker.getContainer(proxy?.Id ?? ""), script);
  };
  const makeDue = async () => {
    const file = join(workspace.directory, "stack.json");
    const { stdout } = await workspace.pulumi("stack", "export", "--stack", "dev");
    await writeFile(file, stdout.replace(/"renewAt": "[^"]*"/, `"renewAt": "2026-01-01T00:00:00.000Z"`));
    const { exitCode, output } = await workspace.pulumi("stack", "import", "--stack", "dev", "--file", file);
    expect({ exitCode, output }).toEqual({ exitCode: 0, output: expect.any(String) as string });
  };

  it("is ordered by HTTP for the hosts of an environment, before its first request", async () => {
    await certify('"acme"');
    await workspace.up("dev");
    expect(await ask(await authority.root())).toMatchObject({ status: 200 });
    expect((await presented(SITE)).subjectAltName).toBe(`DNS:${SITE}`);
    const again = await workspace.pulumi("preview", "--expect-no-changes", "--stack", "dev");
    expect(again).toMatchObject({ exitCode: 0 });
  });

  it("is ordered by DNS with a wildcard, with a program that sets records as lego calls it", async () => {
    const program = join(workspace.directory, "dns.mjs");
    const script = `const [, , verb, host, value] = process.argv;
const path = verb === "present" ? "set-txt" : "clear-txt";
const { ok } = await fetch("${authority.nameServer}/" + path, { method: "POST", body: JSON.stringify({ host, value }) });
process.exitCode = ok ? 0 : 1;
`;
    await writeFile(program, script);
    await chmod(program, 0o755);
    await certify(`{ acme: { dns: ["node", ${JSON.stringify(program)}] } }`);
    const root = await authority.root();
    const stop = startVisitor((signal) => ask(root, signal));
    const { exitCode, output } = await up();
    expect({ exitCode, output }).toEqual({ exitCode: 0, output: expect.any(String) as string });
    expect(await stop(Date.now())).toMatchObject({ lost: 0 });
    const names = (await presented(SITE)).subjectAltName?.split(", ").sort();
    expect(names).toEqual(["DNS:*.dev.localhost", "DNS:dev.localhost"]);
  });

  it("is left as it is when another cannot be had, with the reason", async () => {
    const before = (await presented(SITE)).serialNumber;
    await certify('{ acme: { dns: ["false"] } }');
    // Another way to prove the same names orders nothing.
    expect(await up()).toMatchObject({ exitCode: 0 });
    await workspace.edit("stacks/dev.ts", (content) =>
      content.replace("dev.${settings.domain}", "new.${settings.domain}"),
    );
    const refused = await up();
    expect(refused.exitCode).not.toBe(0);
    expect(refused.output).toContain(
      "gives no certificate for new.localhost, *.new.localhost: `false present` ended with code 1",
    );
    expect((await presented(SITE)).serialNumber).toBe(before);
    expect(await ask(await authority.root())).toMatchObject({ status: 200 });
    await workspace.edit("stacks/dev.ts", (content) =>
      content.replace("new.${settings.domain}", "dev.${settings.domain}"),
    );
  });

  it("is renewed in the running proxy in the last third of its time, and no request is lost", async () => {
    await certify('"acme"');
    await workspace.up("dev");
    const before = (await presented(SITE)).serialNumber;
    const worker = await inProxy("echo show info | nc 127.0.0.1 9999 | grep ^Pid");
    await makeDue();
    const root = await authority.root();
    const stop = startVisitor((signal) => ask(root, signal));
    // Another change is waiting, which a renewal leaves alone.
    await workspace.edit("examples/website/src/main.ts", (source) => `${source}console.log("not asked for");\n`);
    const version = (await ask(root)).headers["x-app-version"];
    const renewal = await workspace.run("npm", ["run", "--silent", "renew", "--", "-s", "dev"]);
    expect(renewal).toMatchObject({ exitCode: 0 });
    expect(await stop(Date.now())).toMatchObject({ lost: 0 });
    expect((await ask(root)).headers["x-app-version"]).toBe(version);
    expect((await presented(SITE)).serialNumber).not.toBe(before);
    expect(await inProxy("echo show info | nc 127.0.0.1 9999 | grep ^Pid")).toBe(worker);
  });

  it("stays, with a warning, while its authority cannot be reached", async () => {
    const { serialNumber, validTo } = await presented(SITE);
    const root = await authority.root();
    await authority.stop();
    await makeDue();
    const { exitCode, output } = await up();
    expect(exitCode).toBe(0);
    expect(output).toContain(`the certificate is not renewed and runs out at ${new Date(validTo).toISOString()}: `);
    expect((await presented(SITE)).serialNumber).toBe(serialNumber);
    expect(await ask(root)).toMatchObject({ status: 200 });
  });
});
