import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import type { IncomingHttpHeaders } from "node:http2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Properties } from "../../../provider/plugin/resource.ts";
import { release } from "../../../provider/release.ts";
import { TestPlatform } from "./harness.ts";

const platform = new TestPlatform();

beforeAll(() => platform.start());
afterAll(() => platform.stop());

const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
const hash = (header: string) => createHash("sha256").update(header).digest("hex");
const ALICE = basic("alice", "correct horse: battery ü");
const users = { alice: hash(ALICE), bob: hash(basic("bob", "b")) };

/** The rules of a service, with everything else that a release needs. */
function inputsOf(service: string, container: string, rules: { at: string; [setting: string]: unknown }[]): Properties {
  return {
    namespace: platform.namespace,
    environment: "dev",
    service,
    containers: [container],
    port: 8080,
    health: { path: "/health" },
    hosts: rules.map(({ at }) => at),
    rules,
    image: "app@sha256:0",
    version: container,
    network: platform.namespace,
    drainSeconds: 5,
    gateSeconds: 10,
  };
}

async function start(service: string, rules: { at: string; [setting: string]: unknown }[]) {
  const container = await platform.startApp(service, { version: service });
  const inputs = inputsOf(service, container, rules);
  const { state } = await release.create(inputs, platform.context);
  return { container, state: { ...inputs, ...state } };
}

const statusOf = async (host: string, path: string, authorization?: string) =>
  (await platform.ask(host, { path, headers: authorization === undefined ? {} : { authorization } })).status;

describe("a route for some users", () => {
  beforeAll(() => start("users", [{ at: "users.test", users }]));

  it("asks everyone else for a password", async () => {
    const { status, headers } = await platform.get("users.test", "/anything");
    expect({ status, challenge: headers.get("www-authenticate") }).toEqual({
      status: 401,
      challenge: 'Basic realm="dev.users", charset="UTF-8"',
    });
    for (const wrong of [
      basic("alice", "b"),
      basic("eve", "b"),
      "Basic",
      "Bearer x",
      `${ALICE} `,
      ALICE.slice(0, -1),
    ]) {
      expect([wrong, await statusOf("users.test", "/", wrong.trim())]).toEqual([
        wrong,
        wrong.trim() === ALICE ? 200 : 401,
      ]);
    }
  });

  it("lets them in, and keeps their password from the program", async () => {
    const { status, body } = await platform.ask("users.test", {
      path: "/authorization",
      headers: { authorization: ALICE },
    });
    expect({ status, body }).toEqual({ status: 200, body: "authorization: " });
    expect(await statusOf("users.test", "/", basic("bob", "b"))).toBe(200);
  });
});

it("a route without users passes the header on", async () => {
  await start("plain", [{ at: "plain.test" }]);
  const { body } = await platform.ask("plain.test", { path: "/authorization", headers: { authorization: ALICE } });
  expect(body).toBe(`authorization: ${ALICE}`);
});

it("a route for some addresses refuses all others", async () => {
  const ours = await platform.clientAddress();
  await start("addresses", [
    { at: "theirs.test", allow: ["192.0.2.0/24", "2001:db8::/32"] },
    { at: "ours.test", allow: ["192.0.2.0/24", `${ours}/32`, "::1"] },
    { at: "both.test", allow: [ours], users },
  ]);
  expect(await statusOf("theirs.test", "/")).toBe(403);
  expect(await statusOf("ours.test", "/")).toBe(200);
  expect(await statusOf("both.test", "/")).toBe(401);
  expect(await statusOf("both.test", "/", ALICE)).toBe(200);
});

describe("the most specific route", () => {
  beforeAll(async () => {
    await start("mixed", [
      { at: "mixed.test/admin/open" },
      { at: "mixed.test" },
      { at: "mixed.test/admin", users },
      { at: "closed.test/public" },
      { at: "closed.test", users },
    ]);
  });

  it.each([
    ["mixed.test", "/", 200],
    ["mixed.test", "/administration", 200],
    ["mixed.test", "/files/a%20b%C3%A9", 200],
    ["mixed.test", "/group%2Fproject?x=/../y", 200],
    ["mixed.test", "/admin", 401],
    ["mixed.test", "/admin/", 401],
    ["mixed.test", "/admin/users?page=2", 401],
    ["mixed.test", "/admin/open", 200],
    ["mixed.test", "/admin/opening", 401],
    ["closed.test", "/", 401],
    ["closed.test", "/public/logo.png", 200],
    ["closed.test", "/publicity", 401],
  ])("decides on %s%s: %i", async (host, path, status) => {
    expect(await statusOf(host, path)).toBe(status);
  });

  it.each([
    ["mixed.test", "/%61dmin"],
    ["mixed.test", "//admin"],
    ["mixed.test", "/Admin/"],
    ["mixed.test", "/admin;v=1/users"],
    ["mixed.test", "/x/../admin"],
    ["mixed.test", "/x/%2e%2E/admin"],
    ["mixed.test", "/x/..;/admin"],
    ["mixed.test", "/./admin"],
    ["mixed.test", "/admin%2Fusers"],
    ["mixed.test", "/x\\..\\admin"],
    ["mixed.test", "/admin%00"],
    ["mixed.test", "/%61dmin/%zz"],
    ["mixed.test", "/admin/open/../users"],
    ["closed.test", "/public/../secret"],
    ["closed.test", "/public/%2e%2e%2fsecret"],
    ["closed.test", "/public/..%5csecret"],
    ["closed.test", "/PUBLIC"],
  ])("is not evaded on %s by writing %s", async (host, path) => {
    expect(await statusOf(host, path)).toBe(400);
  });
});

describe("a route with a largest body", () => {
  const MIB = 1024 * 1024;
  beforeAll(() => start("bodies", [{ at: "bodies.test", maxBodyMb: 1 }]));

  it.each([
    ["as long as allowed", { "content-length": String(MIB) }, "", 200],
    ["one byte longer", { "content-length": String(MIB + 1) }, "", 413],
    ["far longer", { "content-length": "4294967297" }, "", 413],
    ["longer than any number", { "content-length": "18446744073709551615" }, "", 413],
    ["of unknown length", { "transfer-encoding": "chunked" }, "x", 411],
  ])("answers a body %s", async (_what, headers, body, status) => {
    expect((await platform.ask("bodies.test", { method: "POST", headers, body })).status).toBe(status);
  });

  it("answers the same over HTTP/2", async () => {
    const post = async (headers: IncomingHttpHeaders, body: string) => {
      const client = connectHttp2(`https://127.0.0.1:${await platform.publishedPort("8443/tcp")}`, {
        rejectUnauthorized: false,
        servername: "bodies.test",
      });
      const sent = { ":method": "POST", ":path": "/", ":authority": "bodies.test", ...headers };
      const stream = client.request(sent, { endStream: false });
      stream.on("error", () => undefined);
      const answered = once(stream, "response") as Promise<[IncomingHttpHeaders]>;
      // A body that ends before its length would be a fault of its own.
      if (headers["content-length"] === undefined) stream.end(body);
      else stream.write(body);
      const [answer] = await answered;
      client.destroy();
      return answer[":status"];
    };
    expect(await post({ "content-length": "1" }, "x")).toBe(200);
    expect(await post({}, "x")).toBe(411);
    expect(await post({ ":method": "GET" }, "x")).toBe(411);
    expect(await post({ ":method": "GET" }, "")).toBe(200);
    expect(await post({ "content-length": String(MIB + 1) }, "x")).toBe(413);
  });
});

describe("a change of rules", () => {
  it("holds from the switch on, without a lost request, and goes again", async () => {
    const { container, state } = await start("change", [{ at: "change.test" }]);
    const stop = platform.startLoad("change.test", 8);
    const update = async (olds: Properties, inputs: Properties) => {
      const news = await release.update?.("", olds, inputs, platform.context);
      return { ...inputs, ...news };
    };
    const limited = await update(state, inputsOf("change", container, [{ at: "change.test", maxBodyMb: 5 }]));
    const more = inputsOf("change", container, [{ at: "change.test" }, { at: "change.test/admin", users }]);
    const guarded = await update(limited, more);
    const { failures } = await stop();
    expect(failures).toEqual([]);
    expect(await statusOf("change.test", "/admin")).toBe(401);
    await update(guarded, { ...inputsOf("change", container, [{ at: "change.test" }]), rules: [] });
    expect(await statusOf("change.test", "/admin")).toBe(200);
  });

  it("does not come into force by a release that fails", async () => {
    const { state } = await start("fails", [{ at: "fails.test", users }]);
    const bad = await platform.runApp("fails", "exit 3");
    const opened = release.update?.("", state, inputsOf("fails", bad, [{ at: "fails.test" }]), platform.context);
    await expect(opened).rejects.toThrow("exited with code 3");
    expect(await statusOf("fails.test", "/")).toBe(401);
  });
});
