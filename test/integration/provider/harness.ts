import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { request as httpRequest } from "node:http";
import type { IncomingMessage } from "node:http";
import { Agent, request as httpsRequest } from "node:https";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import Docker from "dockerode";
import { haproxyBaseConfig } from "../../../components/docker/haproxy-config.ts";
import { PROXY_START } from "../../../components/docker/proxy-start.ts";
import type { ResourceContext } from "../../../provider/plugin/resource.ts";
import { proxyConfiguration } from "../../../provider/proxy-configuration.ts";
import { selfSigned } from "./self-signed.ts";
import { removeLabelled } from "../../support/remove-labelled.ts";

/** The one image that these tests need: proxy and applications alike are HAProxy. */
export const IMAGE = process.env.SLIPWAY_IMAGE_HAPROXY ?? "slipway-stand-in/haproxy:2.6";
const HTTPS_PORT = 8443;
/** What opens the status page. */
export const STATUS_AUTHORIZATION = `Basic ${Buffer.from("slipway:status password").toString("base64")}`;
export const STATUS_HASH = createHash("sha256").update(STATUS_AUTHORIZATION).digest("hex");

/** How an application of the tests behaves. */
export interface AppOptions {
  /** What it answers with. */
  version: string;
  port?: number;
  /** Status of `/health`. @default 200 */
  healthStatus?: number;
}

/** What a client asks beside a host. */
export interface Question {
  path?: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  agent?: Agent;
}

/** What a client is answered. */
export interface Answer {
  status: number;
  body: string;
  headers: Headers;
}

/** A proxy of its own, started as the platform starts it, with applications behind it. */
export class TestPlatform {
  readonly docker = new Docker();
  readonly namespace = `test-${randomBytes(4).toString("hex")}`;
  readonly messages: string[] = [];
  readonly context: ResourceContext = {
    urn: "",
    name: "test",
    config: {},
    signal: new AbortController().signal,
    randomSeed: new Uint8Array(),
    progress: () => undefined,
    info: (message) => this.messages.push(message),
    warn: (message) => this.messages.push(message),
  };
  private count = 0;

  get labels() {
    return { "slipway.namespace": this.namespace };
  }

  get proxyName() {
    return `${this.namespace}-proxy`;
  }

  /** @param volumeOptions of the local volume driver, for the proxy's volume. */
  async start(volumeOptions?: Record<string, string>): Promise<void> {
    await this.docker.createNetwork({
      Name: this.namespace,
      Labels: { ...this.labels, "slipway.proxy": this.namespace, "slipway.environment": "dev" },
    });
    await this.docker.createVolume({ Name: this.namespace, Labels: this.labels, DriverOpts: volumeOptions });
    if (volumeOptions) await this.keepVolume();
    await proxyConfiguration.create(
      {
        namespace: this.namespace,
        volume: this.namespace,
        helperImage: IMAGE,
        configuration: haproxyBaseConfig({ httpsPort: HTTPS_PORT }),
        certificate: await selfSigned("default.test"),
        statusHash: STATUS_HASH,
      },
      this.context,
    );
    await this.startProxy();
  }

  /** A volume in memory is there as long as a container has it. */
  private async keepVolume(): Promise<void> {
    const keeper = await this.docker.createContainer({
      Image: IMAGE,
      Entrypoint: ["sleep", "600"],
      Labels: this.labels,
      HostConfig: { Binds: [`${this.namespace}:/etc/slipway`], Init: true },
    });
    await keeper.start();
  }

  /** Starts the proxy, on the volume that an earlier one has left. */
  async startProxy(): Promise<Docker.Container> {
    const proxy = await this.docker.createContainer({
      name: this.proxyName,
      Image: IMAGE,
      Entrypoint: PROXY_START.entrypoint,
      Cmd: PROXY_START.command,
      User: "99:99",
      Labels: { ...this.labels, "slipway.role": "proxy" },
      NetworkingConfig: { EndpointsConfig: { [this.namespace]: { Aliases: ["dev.slipway.internal"] } } },
      ExposedPorts: { "8080/tcp": {}, "8404/tcp": {}, "8443/tcp": {} },
      HostConfig: {
        Binds: [`${this.namespace}:/etc/slipway`],
        NetworkMode: this.namespace,
        ReadonlyRootfs: true,
        CapDrop: ["ALL"],
        SecurityOpt: ["no-new-privileges"],
        PortBindings: {
          "8080/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }],
          "8404/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }],
          "8443/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }],
        },
      },
    });
    await proxy.start();
    return proxy;
  }

  /** Starts an application; its name differs each time, as autonaming makes it. */
  async startApp(service: string, options: AppOptions): Promise<string> {
    const name = await this.createApp(service, options);
    await this.docker.getContainer(name).start();
    return name;
  }

  /** Makes an application that is not started yet. */
  async createApp(
    service: string,
    { version, port = 8080, healthStatus = 200 }: AppOptions,
    script = `printf '%s' "$CONFIG" >/dev/shm/app.cfg; exec haproxy -f /dev/shm/app.cfg`,
  ): Promise<string> {
    const config = `
defaults
  mode http
  timeout client 60s
  timeout server 60s
  timeout connect 1s
frontend app
  bind :${port}
  http-request return status ${healthStatus} if { path /health }
  http-request return status 200 content-type text/plain lf-string "%[req.fhdr(x-forwarded-for)] %[req.fhdr(x-forwarded-proto)] %[req.fhdr(x-request-id)]" if { path /headers }
  http-request return status 200 content-type text/css hdr ETag '"1"' string "${"a { color: red } ".repeat(100)}" if { path /style.css }
  http-request return status 200 content-type text/event-stream string "data: ${"x".repeat(2000)}" if { path /events }
  http-request return status 200 content-type text/css hdr Content-Encoding br string "${"b".repeat(2000)}" if { path /style.br.css }
  http-request return status 200 content-type text/plain lf-string "authorization: %[req.fhdr(authorization)]" if { path_end authorization }
  http-request return status 200 content-type text/plain string "${version}" unless { path /slow }
  use_backend slow if { path /slow }
backend slow
  tcp-request inspect-delay 2s
  tcp-request content accept if WAIT_END
  http-request return status 200 content-type text/plain string "${version}"
`;
    return this.create(service, script, { CONFIG: config });
  }

  /** Runs a shell script as an application. */
  async runApp(service: string, script: string): Promise<string> {
    const name = await this.create(service, script);
    await this.docker.getContainer(name).start();
    return name;
  }

  private async create(service: string, script: string, env: Record<string, string> = {}): Promise<string> {
    this.count += 1;
    const name = `${this.namespace}-${service}-${this.count}`;
    await this.docker.createContainer({
      name,
      Image: IMAGE,
      Entrypoint: ["sh", "-c", script],
      Cmd: [],
      Env: Object.entries(env).map(([key, value]) => `${key}=${value}`),
      Labels: this.labels,
      StopSignal: "SIGTERM",
      HostConfig: {
        NetworkMode: this.namespace,
        RestartPolicy: { Name: "unless-stopped" },
      },
    });
    return name;
  }

  async removeContainer(name: string): Promise<void> {
    await this.docker.getContainer(name).remove({ force: true });
  }

  /** Asks the proxy as a client would, each time on a connection of its own unless an agent is given. */
  get(host: string, path = "/", agent?: Agent, headers?: Record<string, string>): Promise<Answer> {
    return this.ask(host, { path, agent, headers });
  }

  /** As {@link get}, with method, headers and body. */
  async ask(host: string, { path = "/", method = "GET", headers = {}, body = "", agent }: Question): Promise<Answer> {
    const request = httpsRequest({
      host: "127.0.0.1",
      port: await this.publishedPort("8443/tcp"),
      path,
      method,
      servername: host,
      headers: { host, ...headers },
      agent: agent ?? false,
      rejectUnauthorized: false,
    });
    const answered = once(request, "response") as Promise<[IncomingMessage]>;
    request.end(body);
    const [response] = await answered;
    return {
      status: response.statusCode ?? 0,
      body: await text(response),
      headers: new Headers(response.headers as Record<string, string>),
    };
  }

  /** Asks without TLS. */
  async getPlain(host: string, path: string): Promise<{ status: number; location: string | undefined }> {
    const port = await this.publishedPort("8080/tcp");
    const request = httpRequest({ host: "127.0.0.1", port, path, headers: { host }, agent: false });
    const answered = once(request, "response") as Promise<[IncomingMessage]>;
    request.end();
    const [response] = await answered;
    response.resume();
    return { status: response.statusCode ?? 0, location: response.headers.location };
  }

  async publishedPort(port: string): Promise<number> {
    this.ports ??= (await this.docker.getContainer(this.proxyName).inspect()).NetworkSettings.Ports;
    return Number(this.ports[port]?.[0]?.HostPort);
  }

  /** A new proxy is published on other ports. */
  forgetPorts(): void {
    this.ports = undefined;
  }

  private ports: Docker.ContainerInspectInfo["NetworkSettings"]["Ports"] | undefined;

  /** Asks the same thing over keep-alive connections until it is stopped, and counts. */
  startLoad(host: string, connections: number): () => Promise<{ answers: Map<string, number>; failures: string[] }> {
    const answers = new Map<string, number>();
    const failures: string[] = [];
    let running = true;
    const clients = Array.from({ length: connections }, async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      while (running) {
        try {
          const { status, body } = await this.get(host, "/", agent);
          if (status === 200) answers.set(body, (answers.get(body) ?? 0) + 1);
          else failures.push(`${status} ${body}`);
        } catch (error) {
          failures.push(String(error));
        }
        await sleep(1);
      }
      agent.destroy();
    });
    return async () => {
      running = false;
      await Promise.all(clients);
      return { answers, failures };
    };
  }

  /** The address under which the proxy sees the tests: that of its network's gateway, which publishes its ports. */
  async clientAddress(): Promise<string> {
    const { NetworkSettings } = await this.docker.getContainer(this.proxyName).inspect();
    return NetworkSettings.Networks[this.namespace]?.Gateway ?? "";
  }

  /** Runs a shell command in the proxy's container. */
  async inProxy(script: string): Promise<string> {
    const { shell } = await import("../../../provider/proxy/shell.ts");
    return shell(this.docker.getContainer(this.proxyName), script);
  }

  stop(): Promise<void> {
    return removeLabelled(this.docker, this.namespace);
  }
}
