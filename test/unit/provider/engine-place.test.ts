import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pack } from "tar-stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { issueCertificate } from "../../../provider/certificates/issue.ts";
import { enginePlace } from "../../../provider/engine-place.ts";
import type { Properties } from "../../../provider/plugin/resource.ts";
import { UNKNOWN } from "../../../provider/plugin/resource.ts";
import { createAuthority } from "../../support/authority.ts";
import type { TestAuthority } from "../../support/authority.ts";
import { resourceContext } from "../toolchain/plugins/context.ts";

let directory: string;
let servers: Server[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "slipway-engines-"));
  servers = [];
});

afterEach(async () => {
  for (const server of servers) server.close();
  await rm(directory, { recursive: true });
});

/** An engine that tells its name and, where it has one, the certificate that the proxy of `slipway` presents. */
async function startEngine(name: string, pem?: string): Promise<{ address: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer(({ url = "" }, response) => {
    asked.push(url.replace(/[?].*/, ""));
    if (url.includes("/archive")) {
      const archive = pack();
      archive.entry({ name: "00-default.pem" }, pem ?? "");
      archive.finalize();
      archive.pipe(response);
      return;
    }
    if (url.includes("/info")) response.end(JSON.stringify({ ID: name }));
    else response.end(JSON.stringify(pem === undefined ? [] : [{ Id: "proxy", Names: ["/platform-proxy"] }]));
  });
  servers.push(server);
  const socket = join(directory, `${servers.length}.sock`);
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return { address: `unix://${socket}`, asked };
}

const contextAt = (host: string) =>
  resourceContext({ urn: "urn:pulumi:dev::shop::slipway:index:EnginePlace::dev-engine", config: { host } });

async function check(host: string, olds?: Properties, claim?: { namespace: string; authority: string }) {
  const checked = await enginePlace.check?.(claim ? { claim } : {}, olds, contextAt(host));
  return { inputs: checked?.inputs, faults: checked?.faults?.map(({ reason }) => reason) };
}

describe("a stack", () => {
  it("keeps the engine that it was deployed to first, which is not asked again", async () => {
    const { address, asked } = await startEngine("A");
    const first = await check(address);
    const begun = asked.length;
    const again = await check(address, first.inputs);

    expect(first.inputs).toEqual({ address, engine: "A" });
    expect(again).toEqual({ inputs: first.inputs, faults: undefined });
    expect(asked.length).toBe(begun);
  });

  it("takes another address of the same engine for no change", async () => {
    const { address } = await startEngine("A");
    const { address: other } = await startEngine("A");

    expect(await check(other, { address, engine: "A" })).toEqual({
      inputs: { address, engine: "A" },
      faults: undefined,
    });
  });

  it("is refused on another engine, with the ways on", async () => {
    const { address } = await startEngine("B");

    expect((await check(address, { address: "unix:///old.sock", engine: "A" })).faults).toEqual([
      `stack dev is on the engine at unix:///old.sock; at ${address} is another one, which has nothing of it. Take the address back ` +
        "(DOCKER_HOST, or target.host of the stack file), or move: pulumi destroy -s dev with the old address, then deploy here. " +
        "Where the old engine is gone for good, pulumi up --refresh -s dev makes everything anew here",
    ]);
  });

  it("is forgotten by a refresh on another engine, and by none on its own", async () => {
    const { address } = await startEngine("B");
    const state = { address: "unix:///old.sock", engine: "A" };

    expect(await enginePlace.read?.("A", state, contextAt(address), {})).toBeUndefined();
    const own = { address, engine: "B" };
    expect(await enginePlace.read?.("B", own, contextAt(address), {})).toEqual({ state: own });
  });

  it("is previewed without an engine, and not deployed", async () => {
    const host = "unix:///nowhere/docker.sock";
    expect(await check(host)).toEqual({ inputs: { address: host }, faults: undefined });
    await expect(enginePlace.create({ address: host }, contextAt(host))).rejects.toThrow(
      "no Docker engine answers at unix:///nowhere/docker.sock",
    );
  });
});

describe("a namespace", () => {
  let own: TestAuthority;
  const claimBy = (authority: string) => ({ namespace: "slipway", authority });
  const presented = async () => (await issueCertificate({ hosts: ["localhost"], ...own })).pem;

  beforeEach(async () => {
    own = await createAuthority();
  });

  it("is free where no proxy has it", async () => {
    const { address } = await startEngine("A");

    expect((await check(address, undefined, claimBy(own.authorityCertificate))).faults).toBeUndefined();
  });

  it("is one's own where the proxy presents a certificate of the same authority", async () => {
    const { address } = await startEngine("A", await presented());

    expect((await check(address, undefined, claimBy(own.authorityCertificate))).faults).toBeUndefined();
  });

  it.each([
    ["has another authority", () => createAuthority().then((other) => other.authorityCertificate)],
    ["has made none yet, as in its first preview", () => Promise.resolve(UNKNOWN)],
  ])("is refused to a state that %s", async (_which, authority) => {
    const { address } = await startEngine("A", await presented());

    expect((await check(address, undefined, claimBy(await authority()))).faults).toEqual([
      'slipway:namespace: must be one that no other installation has on this engine, got "slipway", whose proxy is of another ' +
        "state. Give this checkout a namespace of its own in Pulumi.yaml, and ports of its own: pulumi config set slipway:httpsPort … " +
        "-s platform, likewise httpPort, statusPort and registryPort. If the state of that installation is lost: docs/operations.md, State",
    ]);
  });

  it("is not looked at again once it is claimed", async () => {
    const { address, asked } = await startEngine("A", "no certificate at all");
    const olds = { claim: claimBy(own.authorityCertificate), address, engine: "A" };
    const renewed = claimBy((await createAuthority()).authorityCertificate);

    expect(await check(address, olds, renewed)).toEqual({
      inputs: { claim: renewed, address, engine: "A" },
      faults: undefined,
    });
    expect(asked).toEqual([]);
  });
});
