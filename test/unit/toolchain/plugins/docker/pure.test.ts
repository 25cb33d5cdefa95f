import { describe, expect, it } from "vitest";
import { redactor } from "../../../../../provider/image/build.ts";
import { traceLines } from "../../../../../provider/image/buildkit-trace.ts";
import { duration, toNanoseconds } from "../../../../../toolchain/plugins/docker/duration.ts";
import { parseReference, repoDigestOf } from "../../../../../provider/image/reference.ts";
import { authFor, registryHost } from "../../../../../provider/image/registry-auth.ts";
import { resourceContext } from "../context.ts";

describe("durations", () => {
  it.each([
    ["0", 0],
    ["250ms", 250e6],
    ["1.5s", 1.5e9],
    ["1m30s", 90e9],
    ["1h0m1s", 3601e9],
  ])("%s is %d ns", (text, nanoseconds) => {
    expect(duration.safeParse(text).success).toBe(true);
    expect(toNanoseconds(text)).toBe(nanoseconds);
  });

  it.each(["30", "1 s", "s", ""])("%j is none", (text) => {
    expect(duration.safeParse(text).error?.issues[0]?.message).toBe('must be a duration such as "30s" or "1m30s"');
  });
});

describe("image references", () => {
  it.each([
    ["busybox", { registry: "docker.io", repository: "busybox" }],
    ["library/busybox:1", { registry: "docker.io", repository: "library/busybox", tag: "1" }],
    ["localhost/a", { registry: "localhost", repository: "localhost/a" }],
    ["127.0.0.1:5000/a/b", { registry: "127.0.0.1:5000", repository: "127.0.0.1:5000/a/b" }],
    ["r.io:5/a:1@sha256:ab", { registry: "r.io:5", repository: "r.io:5/a", tag: "1", digest: "sha256:ab" }],
  ])("%s", (reference, parts) => {
    expect(parseReference(reference)).toEqual({ tag: undefined, digest: undefined, ...parts });
  });

  it("find their own repository's digest, whatever port its registry has", () => {
    const digests = ["127.0.0.1:5000/b@sha256:2", "127.0.0.1:5000/a@sha256:1"];

    expect(repoDigestOf("127.0.0.1:5000/a:latest", digests)).toBe("127.0.0.1:5000/a@sha256:1");
    expect(repoDigestOf("a:latest", digests)).toBe("");
  });
});

describe("registry credentials", () => {
  it.each([
    ["https://index.docker.io/v1/", "docker.io"],
    ["http://127.0.0.1:5000", "127.0.0.1:5000"],
    ["registry.example.org", "registry.example.org"],
  ])("of %s are for %s", (address, host) => {
    expect(registryHost(address)).toBe(host);
  });

  it("go to their own registry alone", async () => {
    const registryAuth = [{ address: "127.0.0.1:5000", username: "ship", password: "way" }];
    const context = resourceContext({ config: { registryAuth } });

    expect(await authFor("127.0.0.1:5000/a", context)).toEqual({
      username: "ship",
      password: "way",
      serveraddress: "127.0.0.1:5000",
    });
    expect(await authFor("127.0.0.1:5001/a", context)).toBeUndefined();
  });
});

describe("what a build prints", () => {
  it("has no value of a secret, nor of an argument that is one by its name", () => {
    const redact = redactor({
      args: { NPM_TOKEN: "abcdef", VERSION: "1.2.3", API_KEY: "" },
      secrets: { npmrc: "hunter2\n" },
    });

    expect(redact("fetching 1.2.3 with abcdef and hunter2")).toBe("fetching 1.2.3 with [secret] and [secret]");
  });
});

describe("BuildKit's status", () => {
  it("is read as the lines that a step prints", () => {
    // Recorded from engine 20.10: a step that runs `echo oh no`.
    const recorded =
      "GmEKR3NoYTI1Njo1MzA2NzAyNTIzY2NlMjZjNzIwM2RhM2Y0YjM3MjFiZDQ1NzdkOGYyZTQzNjFmMmViNDA1ODA1YzUyZGZhMzYw" +
      "EgwI1aGJ2AYQhb/X2wIYASIGb2ggbm8K";

    expect(traceLines(Buffer.from(recorded, "base64"))).toEqual(["oh no", ""]);
  });

  it("is read as the steps that begin", () => {
    const vertex = (...fields: number[]) => Buffer.from([0x0a, fields.length, ...fields]);
    const name = [0x1a, 3, ...Buffer.from("RUN")];
    const [started, completed] = [
      [0x2a, 0],
      [0x32, 0],
    ];

    expect(traceLines(vertex(...name))).toEqual([]);
    expect(traceLines(vertex(...name, ...started))).toEqual(["RUN"]);
    expect(traceLines(vertex(...name, ...started, ...completed))).toEqual([]);
    expect(traceLines(vertex(...name, 0x3a, 2, ...Buffer.from("no")))).toEqual(["ERROR: no"]);
  });
});
