import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { Agent, get, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, it } from "vitest";
import { readSettings } from "../../../../examples/website/src/settings.ts";
import { temporaryFolder, writeDataPackage } from "./data-package.ts";

const MAIN = join(import.meta.dirname, "../../../../examples/website/src/main.ts");

describe("the running site", () => {
  let site: ChildProcessWithoutNullStreams | undefined;
  afterEach(() => site?.kill("SIGKILL"));

  it("finishes a running answer on SIGTERM, takes no new ones, and exits 0", async () => {
    // More than the kernel buffers, so that the answer runs for as long as nobody reads it.
    const text = `~~~\n${"word\n".repeat(4_000_000)}~~~\n`;
    const data = writeDataPackage(temporaryFolder(), [{ language: "fr", slug: "long", text }]);
    site = spawn(process.execPath, [MAIN], {
      env: { PORT: "0", DATA_DIR: data, LOG_DIR: temporaryFolder(), APP_VERSION: "7" },
    });
    const exited = once(site, "exit");
    const lines = createInterface(site.stdout)[Symbol.asyncIterator]();
    const { port, version } = JSON.parse(String((await lines.next()).value)) as { port: number; version: string };
    expect(version).toBe("7");

    const idle = new Agent({ keepAlive: true });
    await read(await open(port, "/fr", idle));
    const response = await open(port, "/fr/long", new Agent({ keepAlive: true }));
    site.kill("SIGTERM");
    await expect.poll(() => refused(port)).toBe(true);
    expect((await read(response)).length).toBeGreaterThan(text.length);
    expect(await exited).toEqual([0, null]);
  });
});

describe("the settings", () => {
  it("have defaults that suit the image", () => {
    expect(readSettings({})).toEqual({
      port: 8080,
      dataDirectory: "/data/current",
      logDirectory: "/var/log/website",
      version: "dev",
    });
  });

  it.each(["x", "-1", "65536", "80.5"])("refuse the port %s", (port) => {
    expect(() => readSettings({ PORT: port })).toThrow(`PORT: must be an integer from 0 to 65535, got "${port}"`);
  });
});

/** Resolves when the head of the answer has come. */
function open(port: number, path: string, agent: Agent | false = false): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get({ port, path, agent }, resolve).on("error", reject);
  });
}

async function read(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function refused(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    get({ port, path: "/fr", agent: false }, (response) => {
      response.resume();
      resolve(false);
    }).on("error", () => {
      resolve(true);
    });
  });
}
