import { describe, expect, it } from "vitest";
import { connect } from "../../../../../toolchain/plugins/docker/engine.ts";

describe("an engine that does not answer", () => {
  it.each([
    ["unix:///nowhere/docker.sock", "connect ENOENT /nowhere/docker.sock"],
    ["tcp://127.0.0.1:1", "connect ECONNREFUSED 127.0.0.1:1"],
    ["ftp://host", '"ftp:" is none of unix:, npipe:, tcp:, http:, https: and ssh:'],
  ])("at %s is named with what to do", async (host, reason) => {
    await expect(connect({ config: { host } })).rejects.toThrow(
      `no Docker engine answers at ${host} (${reason}): start it, ` +
        "or name another with DOCKER_HOST or `pulumi config set docker:host`",
    );
  });
});
