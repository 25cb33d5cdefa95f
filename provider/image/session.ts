import { randomUUID } from "node:crypto";
import type { Duplex } from "node:stream";
import { Server, ServerCredentials, status } from "@grpc/grpc-js";
import type { sendUnaryData, ServerUnaryCall, UntypedServiceImplementation } from "@grpc/grpc-js";
import type Docker from "dockerode";
import type { AuthConfigObject } from "dockerode";
import protobuf from "google-protobuf";

/** What BuildKit may ask for while it builds. */
export interface SessionServices {
  /** Values for `RUN --mount=type=secret,id=…`, by id. */
  secrets: Readonly<Record<string, string>>;
  /** Credentials for a registry's host, which is asked for base images; undefined for none. */
  credentials: (host: string) => Promise<AuthConfigObject | undefined>;
}

/** A session that a build names to be answered by it. */
export interface Session {
  id: string;
  /** Ends it, and its connection. */
  close: () => void;
}

/**
 * Opens a session of BuildKit: a connection to the engine on which it is the one that asks, by gRPC (moby/buildkit,
 * session/). dockerode's own gives every registry the same credentials, and has no secrets.
 *
 * @throws {Error} when the engine opens none.
 */
export async function openSession(docker: Docker, { secrets, credentials }: SessionServices): Promise<Session> {
  const id = randomUUID();
  const socket = await upgrade(docker, id);
  const server = new Server();
  addMethod(server, SECRET, (request) => {
    const secret = secrets[textField(request, 1)];
    if (secret === undefined) throw notFound(textField(request, 1));
    return Promise.resolve(
      message((writer) => {
        writer.writeBytes(1, Buffer.from(secret));
      }),
    );
  });
  addMethod(server, CREDENTIALS, async (request) => {
    const { username = "", password = "" } = (await credentials(textField(request, 1))) ?? {};
    return message((writer) => {
      writer.writeString(1, username);
      writer.writeString(2, password);
    });
  });
  // BuildKit gives a session up that does not say twice a second that it serves.
  addMethod(server, HEALTH, () =>
    Promise.resolve(
      message((writer) => {
        writer.writeEnum(1, SERVING);
      }),
    ),
  );
  server.createConnectionInjector(ServerCredentials.createInsecure()).injectConnection(socket);
  return {
    id,
    close: () => {
      server.forceShutdown();
      socket.end();
    },
  };
}

const SECRET = "/moby.buildkit.secrets.v1.Secrets/GetSecret";
const CREDENTIALS = "/moby.filesync.v1.Auth/Credentials";
const HEALTH = "/grpc.health.v1.Health/Check";
const SERVING = 1;

type Method = (request: Uint8Array) => Promise<Uint8Array>;

interface Modem {
  dial: (options: object, callback: (error: Error | null, socket: Duplex) => void) => void;
}

function upgrade(docker: Docker, id: string): Promise<Duplex> {
  const modem = docker.modem as Modem;
  const headers = {
    Upgrade: "h2c",
    "X-Docker-Expose-Session-Uuid": id,
    "X-Docker-Expose-Session-Name": "slipway",
    "X-Docker-Expose-Session-Grpc-Method": [SECRET, CREDENTIALS, HEALTH],
  };
  const options = { method: "POST", path: "/session", hijack: true, headers, statusCodes: { 200: true } };
  return new Promise((resolve, reject) => {
    modem.dial(options, (error, socket) => {
      if (error) reject(error);
      else resolve(socket);
    });
  });
}

function addMethod(server: Server, path: string, method: Method): void {
  const bytes = {
    requestSerialize: (value: Uint8Array) => Buffer.from(value),
    requestDeserialize: (value: Buffer): Uint8Array => value,
    responseSerialize: (value: Uint8Array) => Buffer.from(value),
    responseDeserialize: (value: Buffer): Uint8Array => value,
  };
  const answer = (call: ServerUnaryCall<Uint8Array, Uint8Array>, callback: sendUnaryData<Uint8Array>) => {
    Promise.resolve()
      .then(() => method(call.request))
      .then(
        (response) => {
          callback(null, response);
        },
        (error: unknown) => {
          callback(error instanceof Error ? error : new Error(String(error)));
        },
      );
  };
  const implementation: UntypedServiceImplementation = { method: answer };
  server.addService({ method: { path, requestStream: false, responseStream: false, ...bytes } }, implementation);
}

function notFound(id: string): Error {
  const text = `secret ${id} is not given: name it in build.secrets`;
  return Object.assign(new Error(text), { code: status.NOT_FOUND, details: text });
}

function textField(request: Uint8Array, field: number): string {
  const reader = new protobuf.BinaryReader(request);
  while (reader.nextField()) {
    if (reader.getFieldNumber() === field) return reader.readString();
    reader.skipField();
  }
  return "";
}

function message(write: (writer: protobuf.BinaryWriter) => void): Uint8Array {
  const writer = new protobuf.BinaryWriter();
  write(writer);
  return writer.getResultBuffer();
}
