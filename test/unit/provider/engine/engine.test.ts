import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { connect } from "../../../../provider/engine/engine.ts";

describe("an engine that does not answer", () => {
  it.each([
    ["unix:///nowhere/docker.sock", "connect ENOENT /nowhere/docker.sock"],
    ["tcp://127.0.0.1:1", "connect ECONNREFUSED 127.0.0.1:1"],
    ["ftp://host", '"ftp:" is none of unix:, npipe:, tcp:, http:, https: and ssh:'],
  ])("at %s is named with what to do", async (host, reason) => {
    await expect(connect({ config: { host } })).rejects.toThrow(
      `no Docker engine answers at ${host} (${reason}): start it, ` +
        "or name another with DOCKER_HOST or the stack file's target.host",
    );
  });
});

describe("an engine behind ssh", () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "slipway-ssh-"));
    vi.stubEnv("PATH", `${directory}:${process.env.PATH ?? ""}`);
  });

  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(directory, { recursive: true });
  });

  it("is reached by the user's own ssh, over one connection for many requests", async () => {
    sshDoes(
      `echo "$*" >> ${directory}/calls`,
      "end=$(printf '\\r')",
      'while IFS= read -r line; do [ "$line" = "$end" ] && printf "HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nOK"; done',
    );

    const docker = await connect({ config: { host: "ssh://ship@far:2222" } });

    expect(String(await docker.ping())).toBe("OK");
    expect(readFileSync(join(directory, "calls"), "utf8")).toBe(
      "-o BatchMode=yes -l ship -p 2222 -- far docker system dial-stdio\n",
    );
  });

  it("that does not answer is explained by what ssh says", async () => {
    sshDoes('echo "ssh: Could not resolve hostname nowhere" >&2', "exit 255");

    await expect(connect({ config: { host: "ssh://nowhere" } })).rejects.toThrow(
      "no Docker engine answers at ssh://nowhere (ssh: Could not resolve hostname nowhere): start it, ",
    );
  });

  function sshDoes(...lines: string[]): void {
    writeFileSync(join(directory, "ssh"), ["#!/bin/sh", ...lines].join("\n"), { mode: 0o755 });
  }
});
