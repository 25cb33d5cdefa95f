import { once } from "node:events";
import { request as httpRequest } from "node:http";
import type { IncomingMessage } from "node:http";
import { Agent } from "node:https";
import { constants, connect as connectHttp2 } from "node:http2";
import type { IncomingHttpHeaders } from "node:http2";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "node:tls";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { certificate } from "../../../provider/certificate.ts";
import { release } from "../../../provider/release.ts";
import { STATUS_AUTHORIZATION, TestPlatform } from "./harness.ts";
import { selfSigned } from "./self-signed.ts";

const platform = new TestPlatform();
const HOST = "site.test";

beforeAll(async () => {
  await platform.start();
  const container = await platform.startApp("site", { version: "one" });
  const service = { namespace: platform.namespace, environment: "dev", service: "site", network: platform.namespace };
  const image = { image: "app@sha256:0", version: "1" };
  const inputs = { ...service, ...image, containers: [container], port: 8080, health: { path: "/health" } };
  await release.create({ ...inputs, hosts: [HOST] }, platform.context);
});
afterAll(() => platform.stop());

const port = (name: string) => platform.publishedPort(`${name}/tcp`);

/** Sends bytes over TLS as they are; what is answered until the proxy closes. */
async function send(bytes: string | Buffer): Promise<string> {
  const socket = connect({ host: "127.0.0.1", port: await port("8443"), servername: HOST, rejectUnauthorized: false });
  socket.on("error", () => undefined);
  socket.write(bytes);
  return text(socket);
}

/** The access log's line of the request with an id; parsing fails when any line of the log is no JSON. */
async function logged(id: string): Promise<Record<string, unknown> | undefined> {
  const log = await platform.docker.getContainer(platform.proxyName).logs({ stdout: true, stderr: false });
  const lines = log.toString().match(/\{"time".*/g) ?? [];
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>).find(({ requestId }) => requestId === id);
}

describe("the access log", () => {
  it("says of each request what came, who answered and how long it took", async () => {
    await platform.ask(HOST, { path: "/a?secret=1", headers: { "x-request-id": "log-00001", "user-agent": "test/1" } });
    await expect
      .poll(() => logged("log-00001"))
      .toEqual({
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
        client: await platform.clientAddress(),
        user: "-",
        method: "GET",
        host: HOST,
        path: "/a",
        httpVersion: "HTTP/1.1",
        tlsVersion: "TLSv1.3",
        status: 200,
        bytes: expect.any(Number) as number,
        requestMs: expect.any(Number) as number,
        queueMs: 0,
        connectMs: expect.any(Number) as number,
        responseMs: expect.any(Number) as number,
        dataMs: expect.any(Number) as number,
        totalMs: expect.any(Number) as number,
        backend: "dev.site",
        slot: "s1",
        server: expect.stringMatching(/^\d+\.\d+\.\d+\.\d+$/) as string,
        requestId: "log-00001",
        termination: "----",
        retries: 0,
        userAgent: "test/1",
      });
  });

  it.each([
    ["quotes and backslashes", `/"a\\b"`, HOST, `"\\`, { path: `/"a\\b"`, userAgent: `"\\` }],
    ["control characters", "/", `a\x01b\x1f"`, "\x02\x7f\t.", { host: `a\x01b\x1f"`, userAgent: "\x02\x7f\t." }],
    [
      "UTF-8, of which it keeps characters of up to three bytes",
      "/",
      "é☃.test",
      "日本𝄞",
      { host: "é☃.test", userAgent: "日本" },
    ],
    ["more than it keeps", `/${"p".repeat(9000)}`, HOST, "u".repeat(3000), { path: `/${"p".repeat(1023)}` }],
  ])("is valid JSON with %s", async (_what, path, host, agent, expected) => {
    const id = `hostile-${Math.random().toString(36).slice(2)}`;
    await send(
      `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: ${agent}\r\nX-Request-Id: ${id}\r\nConnection: close\r\n\r\n`,
    );
    await expect.poll(() => logged(id)).toMatchObject(expected);
  });

  it("leaves out what is no UTF-8", async () => {
    const head = Buffer.from("GET / HTTP/1.1\r\nConnection: close\r\nX-Request-Id: invalid-utf8\r\nHost: a");
    await send(Buffer.concat([head, Buffer.from([0xff, 0xc3, 0x28]), Buffer.from("b\r\n\r\n")]));
    await expect.poll(() => logged("invalid-utf8")).toMatchObject({ status: 404, host: "a(b" });
  });

  it("says what was no request at all, and an id that is none", async () => {
    await send("nonsense\r\n\r\n");
    await send(`GET / HTTP/1.1\r\nHost: ${HOST}\r\nX-Request-Id: "},{"\r\nConnection: close\r\n\r\n`);
    await expect.poll(() => logged("-")).toMatchObject({ method: "<BADREQ>", status: 400, host: "-", path: "-" });
  });
});

describe("the status page", () => {
  const ask = async (path: string, authorization: string, method = "GET") => {
    const headers = authorization === "" ? {} : { authorization };
    const request = httpRequest({ host: "127.0.0.1", port: await port("8404"), path, method, headers, agent: false });
    const answered = once(request, "response") as Promise<[IncomingMessage]>;
    request.end("s=s1&action=drain&b=dev.site");
    const [response] = await answered;
    return { status: response.statusCode, body: await text(response) };
  };

  it("opens to its password alone", async () => {
    for (const path of ["/", "/metrics", "/;csv"]) {
      expect(await ask(path, "")).toEqual({ status: 401, body: "sign in" });
      expect(await ask(path, "Basic c2xpcHdheTp3cm9uZw==")).toMatchObject({ status: 401 });
      expect(await ask(path, STATUS_AUTHORIZATION)).toMatchObject({ status: 200 });
    }
  });

  it("shows each service, and has its figures for Prometheus", async () => {
    expect((await ask("/;csv", STATUS_AUTHORIZATION)).body).toMatch(/^dev\.site,s1,/m);
    const { body } = await ask("/metrics", STATUS_AUTHORIZATION);
    expect(body).toMatch(/^haproxy_server_http_responses_total\{proxy="dev\.site",server="s1",code="2xx"\} [1-9]/m);
  });

  it("changes nothing", async () => {
    const { body } = await ask("/", STATUS_AUTHORIZATION);
    expect(/<form[^>]*post|action/i.test(body)).toBe(false);
    await ask("/", STATUS_AUTHORIZATION, "POST");
    expect(await platform.get(HOST)).toMatchObject({ status: 200 });
  });
});

describe("an answer", () => {
  const gzip = { "accept-encoding": "gzip, br" };
  const encoded = async (path: string, headers = {}) =>
    (await platform.ask(HOST, { path, headers })).headers.get("content-encoding");

  it("is compressed for who accepts it, unless it is already or is a stream of events", async () => {
    expect(await encoded("/style.css", gzip)).toBe("gzip");
    expect(await encoded("/style.css")).toBe(null);
    expect(await encoded("/style.br.css", gzip)).toBe("br");
    expect(await encoded("/events", gzip)).toBe(null);
  });

  it("comes over HTTP/2, with HSTS, its request's id and content that gunzips to what it was", async () => {
    const client = connectHttp2(`https://127.0.0.1:${await port("8443")}`, {
      rejectUnauthorized: false,
      servername: HOST,
    });
    const stream = client.request({ ":path": "/style.css", ":authority": HOST, "x-request-id": "http2-0001", ...gzip });
    const [headers] = (await once(stream, "response")) as [IncomingHttpHeaders];
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    client.close();

    expect(headers).toMatchObject({
      ":status": 200,
      "strict-transport-security": "max-age=63072000",
      "x-request-id": "http2-0001",
      "content-encoding": "gzip",
      vary: "Accept-Encoding",
    });
    expect(gunzipSync(Buffer.concat(chunks)).toString()).toBe("a { color: red } ".repeat(100));
    await expect.poll(() => logged("http2-0001")).toMatchObject({ httpVersion: "HTTP/2.0" });
  });

  it("has an id of the proxy's own where the client's is none", async () => {
    const { headers } = await platform.ask(HOST, { headers: { "x-request-id": "no id!" } });
    expect(headers.get("x-request-id")).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });
});

describe("a client that asks too much", () => {
  it("gets 400 for headers over 15 KiB or 101 lines, and others are served", async () => {
    const fits = await platform.ask(HOST, { headers: { "x-long": "x".repeat(14_000) } });
    expect(fits.status).toBe(200);
    const long = await send(`GET / HTTP/1.1\r\nHost: ${HOST}\r\nX-Long: ${"x".repeat(16_000)}\r\n\r\n`);
    expect(long).toMatch(/^HTTP\/1\.1 400 /);
    const many = await send(`GET / HTTP/1.1\r\nHost: ${HOST}\r\n${"X-Many: x\r\n".repeat(101)}\r\n`);
    expect(many).toMatch(/^HTTP\/1\.1 400 /);
    expect((await platform.get(HOST)).status).toBe(200);
  });

  it("is cut when it sends its headers too slowly, while others are served and idle ones stay connected", async () => {
    const agent = new Agent({ keepAlive: true });
    const connections: unknown[] = [];
    agent.on("free", (connection) => connections.push(connection));
    const post = () => platform.ask(HOST, { method: "POST", body: "x", agent });
    expect((await post()).headers.get("keep-alive")).toBe("timeout=180");
    const slow = Array.from({ length: 20 }, async () => {
      const socket = connect({
        host: "127.0.0.1",
        port: await port("8443"),
        servername: HOST,
        rejectUnauthorized: false,
      });
      socket.on("error", () => undefined);
      socket.write(`GET / HTTP/1.1\r\nHost: ${HOST}\r\n`);
      const drip = setInterval(() => socket.write("X-A: b\r\n"), 500);
      const answer = await text(socket);
      clearInterval(drip);
      return answer.slice(0, 12);
    });
    const stop = platform.startLoad(HOST, 2);
    expect(new Set(await Promise.all(slow))).toEqual(new Set(["HTTP/1.1 408"]));
    expect((await stop()).failures).toEqual([]);
    expect(await post()).toMatchObject({ status: 200 });
    expect(new Set(connections).size).toBe(1);
    agent.destroy();
  });
});

describe("a connection to a program", () => {
  it("is used by many requests, and closed when nobody needs it, before the program may do so", async () => {
    const figure = async (name: string) => {
      const statistics = await platform.inProxy('echo "show stat dev.site 4 -1 typed" | nc 127.0.0.1 9999');
      return Number(new RegExp(`\\.${name}\\.\\d+:.*:(\\d+)$`, "m").exec(statistics)?.[1]);
    };
    const [connected, reused] = [await figure("connect"), await figure("reuse")];
    const stop = platform.startLoad(HOST, 8);
    await sleep(500);
    const { answers } = await stop();
    const requests = answers.get("one") ?? 0;

    expect((await figure("reuse")) - reused).toBeGreaterThan(requests / 2);
    expect((await figure("connect")) - connected).toBeLessThan(requests / 2);
    const unused = async () => (await figure("idle_conn_cur")) + (await figure("safe_conn_cur"));
    await expect.poll(unused, { timeout: 4000 }).toBe(0);
  });
});

describe("a certificate that changes", () => {
  it("costs no connection, and new ones see it", async () => {
    const inputs = async () => {
      const pem = await selfSigned(HOST);
      return { namespace: platform.namespace, name: "site", hosts: [HOST], pem };
    };
    const presented = async () => {
      const socket = connect({
        host: "127.0.0.1",
        port: await port("8443"),
        servername: HOST,
        rejectUnauthorized: false,
      });
      await once(socket, "secureConnect");
      const { serialNumber } = socket.getPeerCertificate();
      socket.destroy();
      return serialNumber;
    };
    // A session of HTTP/2 lives through all changes.
    const session = connectHttp2(`https://127.0.0.1:${await port("8443")}`, {
      rejectUnauthorized: false,
      servername: HOST,
    });
    const closed: string[] = [];
    const { state } = await certificate.create(await inputs(), platform.context);
    session.on("goaway", (code) => closed.push(`goaway ${code}`));
    session.on("close", () => closed.push("closed"));

    const stop = platform.startLoad(HOST, 8);
    const seen = new Set([await presented()]);
    let olds = state;
    for (let change = 0; change < 5; change++) {
      const news = await inputs();
      olds = (await certificate.update?.("", olds, news, platform.context)) ?? {};
      await sleep(100);
      seen.add(await presented());
    }
    const { answers, failures } = await stop();
    expect(failures).toEqual([]);
    expect(answers.get("one")).toBeGreaterThan(100);
    expect(seen.size).toBe(6);
    session.close(() => undefined);
    expect(closed.filter((what) => what !== `goaway ${constants.NGHTTP2_NO_ERROR}`)).toEqual([]);
  });
});
