import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { attachment } from "../../../provider/attachment.ts";
import { certificate } from "../../../provider/certificate.ts";
import { dataPackage } from "../../../provider/data-package.ts";
import { localImages } from "../../../provider/local-images.ts";
import type { AnyResourceType, Properties } from "../../../provider/plugin/resource.ts";
import { processLimit } from "../../../provider/process-limit.ts";
import { proxyConfiguration } from "../../../provider/proxy-configuration.ts";
import { proxyNetworks } from "../../../provider/proxy-networks.ts";
import { IMAGE, STATUS_HASH, TestPlatform } from "./harness.ts";
import { selfSigned } from "./self-signed.ts";

const platform = new TestPlatform();

beforeAll(() => platform.start());
afterAll(() => platform.stop());

const create = async (type: AnyResourceType, inputs: Properties) => (await type.create(inputs, platform.context)).state;
const update = (type: AnyResourceType, olds: Properties, inputs: Properties) =>
  type.update?.("", olds, inputs, platform.context);
const read = async (type: AnyResourceType, state: Properties) => type.read?.("", state, platform.context, state);
const remove = async (type: AnyResourceType, state: Properties) => type.delete?.("", state, platform.context);

async function networksOf(container: string): Promise<string[]> {
  const { NetworkSettings } = await platform.docker.getContainer(container).inspect();
  return Object.keys(NetworkSettings.Networks).sort();
}

describe("an attachment", () => {
  it("joins the proxy to a network and takes it off again, as often as asked", async () => {
    const network = `${platform.namespace}-env`;
    await platform.docker.createNetwork({ Name: network, Labels: platform.labels });
    const inputs = { namespace: platform.namespace, network };
    const state = await create(attachment, inputs);
    await create(attachment, inputs);
    expect(await networksOf(platform.proxyName)).toEqual([platform.namespace, network]);
    expect(await read(attachment, state)).toEqual({ state });
    await remove(attachment, state);
    await remove(attachment, state);
    expect(await networksOf(platform.proxyName)).toEqual([platform.namespace]);
    expect(await read(attachment, state)).toBeUndefined();
    await platform.docker.getNetwork(network).remove();
    await remove(attachment, state);
  });
});

describe("a limit of processes", () => {
  it("holds for a container that runs, and shows what became of it", async () => {
    const container = await platform.startApp("limited", { version: "1" });
    const inspect = () => platform.docker.getContainer(container).inspect();
    const inputs = { container, pidsLimit: 50 };
    const state = await create(processLimit, inputs);
    const { HostConfig, RestartCount } = await inspect();
    expect([HostConfig.PidsLimit, RestartCount]).toEqual([50, 0]);
    expect(await read(processLimit, state)).toEqual({ inputs, state: inputs });

    await platform.docker.getContainer(container).update({ PidsLimit: 60 });
    const drifted = { container, pidsLimit: 60 };
    expect(await read(processLimit, state)).toEqual({ inputs: drifted, state: drifted });
    await update(processLimit, drifted, inputs);
    expect((await inspect()).HostConfig.PidsLimit).toBe(50);
    await platform.removeContainer(container);
    expect(await read(processLimit, state)).toBeUndefined();
  });
});

describe("the proxy's networks", () => {
  it("are joined by a new proxy", async () => {
    const network = `${platform.namespace}-waits`;
    await platform.docker.createNetwork({
      Name: network,
      Labels: { ...platform.labels, "slipway.proxy": platform.namespace },
    });
    const { Id } = await platform.docker.getContainer(platform.proxyName).inspect();
    const inputs = { namespace: platform.namespace, proxy: Id };
    expect(await read(proxyNetworks, inputs)).toBeUndefined();
    const state = await create(proxyNetworks, inputs);
    expect(await networksOf(platform.proxyName)).toEqual([platform.namespace, network]);
    expect(await read(proxyNetworks, state)).toEqual({ state });
  });
});

describe("a certificate", () => {
  const presented = async (servername: string) => {
    const port = await platform.publishedPort("8443/tcp");
    return new Promise<string>((resolve, reject) => {
      const socket = connect({ host: "127.0.0.1", port, servername, rejectUnauthorized: false }, () => {
        resolve(`${String(socket.getPeerCertificate().subject.CN)} ${socket.getPeerCertificate().serialNumber}`);
        socket.destroy();
      });
      socket.on("error", reject);
    });
  };
  const workerPid = () => platform.inProxy("echo 'show info' | nc 127.0.0.1 9999 | grep ^Pid");

  it("is served to its host, renewed without a reload, and repaired when someone changed it", async () => {
    const inputs = {
      namespace: platform.namespace,
      name: "shop",
      pem: await selfSigned("shop.test"),
      hosts: ["shop.test"],
    };
    let state = await create(certificate, inputs);
    const first = await presented("shop.test");
    expect(first).toMatch(/^shop.test /);
    expect(await presented("other.test")).toMatch(/^default.test /);
    expect(await platform.inProxy("stat -c '%a %u %g' /etc/slipway/certs/shop.pem")).toBe("600 99 99\n");
    expect(await read(certificate, state)).toEqual({ inputs, state: inputs });

    const before = await workerPid();
    const renewed = { ...inputs, pem: await selfSigned("shop.test") };
    state = (await update(certificate, state, renewed)) ?? {};
    expect(await workerPid()).toBe(before);
    const second = await presented("shop.test");
    expect(second).toMatch(/^shop.test /);
    expect(second).not.toBe(first);

    await platform.inProxy("echo >> /etc/slipway/certs/shop.pem");
    expect(await read(certificate, state)).toMatchObject({ inputs: { pem: "changed in the proxy" } });
    await remove(certificate, state);
    expect(await presented("shop.test")).toMatch(/^default.test /);
    expect(await read(certificate, state)).toBeUndefined();
    await remove(certificate, state);
  });

  it("refuses a key that is not the certificate's", async () => {
    const [one, other] = [await selfSigned("a.test"), await selfSigned("b.test")];
    const pem = one.replace(/-----BEGIN PRIVATE KEY[\s\S]*/, other.slice(other.indexOf("-----BEGIN PRIVATE KEY")));
    const checked = await certificate.check?.(
      { namespace: "n", name: "shop", pem, hosts: [] },
      undefined,
      platform.context,
    );
    expect(checked?.faults).toEqual([
      { property: "pem", reason: "the private key is not that of the first certificate" },
    ]);
  });
});

describe("the proxy's configuration", () => {
  it("reaches a running proxy, and one that HAProxy refuses changes nothing", async () => {
    const file = await platform.inProxy("cat /etc/slipway/haproxy.cfg");
    const pem = await platform.inProxy("cat /etc/slipway/certs/00-default.pem");
    const inputs = {
      namespace: platform.namespace,
      volume: platform.namespace,
      helperImage: IMAGE,
      configuration: file.replace("max-age=63072000", "max-age=300"),
      certificate: pem,
      statusHash: STATUS_HASH,
    };
    const state = (await update(proxyConfiguration, inputs, inputs)) ?? {};
    expect((await platform.get("nowhere.test")).headers.get("strict-transport-security")).toBe("max-age=300");
    expect(await read(proxyConfiguration, state)).toEqual({ inputs, state: inputs });
    await expect(update(proxyConfiguration, state, { ...inputs, configuration: `${file}\nnonsense` })).rejects.toThrow(
      /^the proxy refuses its configuration \(exit code 1\):[\s\S]*unknown keyword 'nonsense'/,
    );
    expect(await read(proxyConfiguration, state)).toEqual({ inputs, state: inputs });
  });
});

describe("a data package", () => {
  const check = (inputs: Properties) => dataPackage.check?.(inputs, undefined, platform.context);
  const inVolume = async (volume: string, script: string): Promise<string> => {
    const container = await platform.docker.createContainer({
      Image: IMAGE,
      Entrypoint: ["sh", "-c", script],
      User: "12345:12345",
      Tty: true,
      Labels: platform.labels,
      HostConfig: { Binds: [`${volume}:/data:ro`] },
    });
    await container.start();
    await container.wait();
    const log = await container.logs({ stdout: true });
    await container.remove();
    return log.toString().replaceAll("\r", "");
  };

  it("is delivered as it is, switched at once, and keeps the last three versions", async () => {
    const directory = await mkdtemp(join(tmpdir(), "slipway-data-"));
    const volume = `${platform.namespace}-data`;
    await platform.docker.createVolume({ Name: volume, Labels: platform.labels });
    const given = { namespace: platform.namespace, volume, directory, helperImage: IMAGE };
    await mkdir(join(directory, "pages/fr"), { recursive: true });
    await writeFile(join(directory, "pages/fr/un.md"), "bonjour", { mode: 0o600 });

    let state: Properties = {};
    for (const text of ["bonjour", "salut", "coucou", "allô"]) {
      await writeFile(join(directory, "pages/fr/un.md"), text);
      const checked = await check(given);
      expect(checked?.faults).toBeUndefined();
      const inputs = checked?.inputs ?? {};
      state =
        Object.keys(state).length === 0
          ? await create(dataPackage, inputs)
          : ((await update(dataPackage, state, inputs)) ?? {});
      expect(await inVolume(volume, "cat /data/current/pages/fr/un.md")).toBe(text);
      expect(await read(dataPackage, state)).toEqual({ inputs, state });
    }
    expect(await inVolume(volume, "ls -1 /data/versions | wc -l; ls -1 /data")).toBe("3\ncurrent\nversions\n");

    const history = state.history as { digest: string }[];
    expect(history).toHaveLength(3);
    await rm(directory, { recursive: true });
    const pinned = history[1]?.digest ?? "";
    const checked = await check({ ...given, pinned });
    expect(checked?.inputs).toEqual({ ...given, pinned, digest: pinned });
    const back = await update(dataPackage, state, checked?.inputs ?? {});
    expect(back?.history).toMatchObject([
      { digest: pinned },
      { digest: history[0]?.digest },
      { digest: history[2]?.digest },
    ]);
    expect(await inVolume(volume, "readlink /data/current")).toBe(`versions/${pinned}\n`);
    const gone = "0".repeat(64);
    await expect(update(dataPackage, state, { ...given, pinned: gone, digest: gone })).rejects.toThrow(
      new RegExp(`was not switched \\(exit code 1\\):\n +there is no version ${gone}; there are: ${pinned} `),
    );
    expect(await inVolume(volume, "readlink /data/current; ls -1 /data")).toBe(
      `versions/${pinned}\ncurrent\nversions\n`,
    );
    await platform.docker.getVolume(volume).remove();
    expect(await read(dataPackage, state)).toBeUndefined();
    expect((await platform.docker.listVolumes()).Volumes.map(({ Name }) => Name)).not.toContain(volume);
  });

  it("names a directory that is missing", async () => {
    const given = { namespace: "n", volume: "v", directory: "/no/such/directory", helperImage: IMAGE };
    expect((await check(given))?.faults).toEqual([
      {
        property: "directory",
        reason: "/no/such/directory cannot be read: ENOENT: no such file or directory, scandir '/no/such/directory'",
      },
    ]);
  });
});

describe("local images", () => {
  it("are removed beyond the number to keep, save those in use, and all of them in the end", async () => {
    const repository = `${platform.namespace}/web`;
    const used = await platform.runApp("images", "sleep 1000");
    for (let i = 1; i <= 4; i++) {
      const { Id } = (await platform.docker
        .getContainer(used)
        .commit({ repo: repository, tag: `v${i}`, comment: `${i}` })) as { Id: string };
      expect(Id).toMatch(/^sha256:/);
    }
    const tags = async () =>
      (await platform.docker.listImages({ filters: { reference: [repository] } })).flatMap(
        ({ RepoTags }) => RepoTags ?? [],
      );
    expect((await tags()).length).toBe(4);
    const inputs = { namespace: platform.namespace, repository, current: `${repository}:v4`, keep: 2 };
    const state = await create(localImages, inputs);
    await update(localImages, state, inputs);
    const left = await tags();
    expect(left).toHaveLength(2);
    expect(left).toContain(`${repository}:v4`);
    await remove(localImages, state);
    expect(await tags()).toEqual([]);
  });
});

describe("an engine that cannot be reached", () => {
  it("is named, with what to do", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    await new Promise((resolve) => server.close(resolve));
    const before = process.env.DOCKER_HOST;
    const host = `tcp://127.0.0.1:${port ?? 0}`;
    const context = { ...platform.context, config: { host } };
    await expect(attachment.create({ namespace: "n", network: "x" }, context)).rejects.toThrow(
      `no Docker engine answers at ${host} (connect ECONNREFUSED 127.0.0.1:${port ?? 0}): start it, ` +
        "or name another with DOCKER_HOST or the stack file's target.host",
    );
    process.env.DOCKER_HOST = before;
  });
});
