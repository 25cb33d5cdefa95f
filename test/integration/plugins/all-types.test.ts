import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type Docker from "dockerode";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { containersOf, removeIfThere, testEngine, writeContext } from "./engine.ts";
import { Project } from "./project.ts";

const REGISTRY = process.env.SLIPWAY_IMAGE_REGISTRY ?? "slipway-stand-in/registry:2.8";

/** Each type once, as a deploy uses them: a registry with a password, an image pushed to it, pulled by digest, run. */
const PROGRAM = `
  const password = new random.RandomPassword("password", { length: 24, special: false });
  const storage = new docker.Volume(prefix + "-registry", {});
  const registry = new docker.Container(prefix + "-registry", {
    image: "${REGISTRY}",
    entrypoints: ["registry"],
    command: ["serve", "/etc/distribution/config.yml"],
    envs: [
      "REGISTRY_AUTH=htpasswd", "REGISTRY_AUTH_HTPASSWD_REALM=test", "REGISTRY_AUTH_HTPASSWD_PATH=/etc/htpasswd",
    ],
    uploads: [{ file: "/etc/htpasswd", content: pulumi.interpolate\`ship:\${password.bcryptHash}\` }],
    volumes: [{ containerPath: "/var/lib/registry", volumeName: storage.name }],
    ports: [{ internal: 5000, ip: "127.0.0.1" }],
    healthcheck: { tests: ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:5000/"], interval: "1s" },
    wait: true,
  });
  const address = registry.ports.apply((ports) => "127.0.0.1:" + ports?.[0]?.external);
  const image = new docker.Image("image", {
    imageName: pulumi.interpolate\`\${address}/shop/web:1\`,
    build: { context: "web", args: { GREETING: "hello" } },
    registry: { server: address, username: "ship", password: password.result },
  });
  const provider = new docker.Provider("signed-in", {
    registryAuth: [{ address, username: "ship", password: password.result }],
  });
  const pulled = new docker.RemoteImage("pulled", { name: image.repoDigest }, { provider });
  new docker.Tag("tag", {
    sourceImage: pulled.name, targetImage: pulumi.interpolate\`\${address}/shop/web:latest\`,
  });
  const network = new docker.Network(prefix + "-net", { internal: true });
  const web = new docker.Container(prefix + "-web", {
    image: pulled.name,
    networksAdvanced: [{ name: network.name, aliases: ["web"] }],
    envs: [pulumi.interpolate\`PASSWORD=\${password.result}\`],
    readOnly: true,
    capabilities: { drops: ["ALL"] },
    memory: 32,
    memorySwap: 32,
    cpus: "0.5",
    destroyGraceSeconds: 1,
  });

  const text = new random.RandomString("text", { length: 8, special: false });
  const identifier = new random.RandomId("id", { byteLength: 4 });
  const bytes = new random.RandomBytes("bytes", { length: 16 });

  const rootKey = new tls.PrivateKey("root-key", { algorithm: "ECDSA", ecdsaCurve: "P256" });
  const root = new tls.SelfSignedCert("root", {
    privateKeyPem: rootKey.privateKeyPem, isCaCertificate: true, validityPeriodHours: 48,
    allowedUses: ["cert_signing", "crl_signing"], subject: { commonName: "Test CA" },
  });
  const key = new tls.PrivateKey("key", { algorithm: "ECDSA", ecdsaCurve: "P256" });
  const request = new tls.CertRequest("request", {
    privateKeyPem: key.privateKeyPem, dnsNames: ["localhost"], subject: { commonName: "localhost" },
  });
  const certificate = new tls.LocallySignedCert("certificate", {
    certRequestPem: request.certRequestPem, caCertPem: root.certPem, caPrivateKeyPem: rootKey.privateKeyPem,
    validityPeriodHours: 24, allowedUses: ["digital_signature", "server_auth"],
  });

  export const repoDigest = image.repoDigest;
  export const pulledDigest = pulled.repoDigest;
  export const webAddress = web.networkDatas.apply((networks) => networks?.[0]?.ipAddress);
  export const secrets = pulumi.secret([password.result, password.bcryptHash, bytes.hex, rootKey.privateKeyPem, key.privateKeyPemPkcs8]);
  export const [rootPem, keyPem, certificatePem] = [root.certPem, key.privateKeyPem, certificate.certPem];
`;

let docker: Docker;
let project: Project;
let outputs: Record<string, unknown> = {};

beforeAll(async () => {
  docker = await testEngine();
  project = await Project.create();
  await writeContext(project, "web", ["ARG GREETING", "COPY page.html /"]);
  await project.write("web/page.html", "old");
  await project.program(PROGRAM);
  await project.up();
  outputs = await project.outputs();
});

afterAll(async () => {
  await project.remove();
  // Neither docker.Image nor docker.Tag takes its tag back.
  const repository = String(outputs.repoDigest).replace(/@.*/, "");
  for (const tag of ["1", "latest"]) await removeIfThere(docker.getImage(`${repository}:${tag}`));
});

describe("a deploy with every type", () => {
  it("pushes an image to a private registry and pulls it from there by digest", () => {
    expect(outputs.repoDigest).toMatch(/^127\.0\.0\.1:\d+\/shop\/web@sha256:[0-9a-f]{64}$/);
    expect(outputs.pulledDigest).toBe(outputs.repoDigest);
  });

  it("gives the container its address on its network", () => {
    expect(outputs.webAddress).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
  });

  it("changes nothing when it runs again", async () => {
    await project.up("--expect-no-changes");
  });

  it("finds nothing changed on the engine", async () => {
    await project.succeed("preview", "--refresh", "--expect-no-changes");
  });

  it("keeps no secret in the state in plain text", async () => {
    const state = await project.succeed("stack", "export");
    const secrets = outputs.secrets as string[];

    expect(secrets.filter((secret) => state.includes(JSON.stringify(secret).slice(1, -1)))).toEqual([]);
    expect(secrets.map((secret) => secret.length > 20)).toEqual([true, true, true, true, true]);
  });

  it("makes certificates that OpenSSL verifies", async () => {
    const [root, certificate] = [join(project.directory, "root.pem"), join(project.directory, "certificate.pem")];
    await writeFile(root, String(outputs.rootPem));
    await writeFile(certificate, String(outputs.certificatePem));

    const { stdout } = await execa("openssl", ["verify", "-x509_strict", "-CAfile", root, certificate]);

    expect(stdout).toBe(`${certificate}: OK`);
  });

  it("pulls the image again after docker rmi", async () => {
    await docker.getContainer((await containersOf(docker, `${project.prefix}-web`))[0] ?? "").remove({ force: true });
    const reference = String(outputs.repoDigest);
    const { RepoTags } = await docker.getImage(reference).inspect();
    for (const name of [...RepoTags, reference]) await removeIfThere(docker.getImage(name));

    const output = await project.up("--refresh");

    expect(output).toContain("+ 2 created");
    expect((await docker.getImage(reference).inspect()).RepoDigests).toContain(reference);
  });

  it("builds and pushes again when a file changes, and replaces what runs it", async () => {
    await project.write("web/page.html", "new");

    const output = await project.up();

    expect(output).toMatch(/docker:index:Image image updated/);
    expect(output).toMatch(/docker:index:RemoteImage pulled created replacement/);
    expect(output).toMatch(/docker:index:Container \S+-web deleted original/);
    expect((await project.outputs()).repoDigest).not.toBe(outputs.repoDigest);
  });
});
