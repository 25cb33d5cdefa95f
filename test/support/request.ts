import { request as requestPlain } from "node:http";
import { request as requestSecure } from "node:https";
import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";

/** What a server answered. */
export interface Answer {
  status: number;
  headers: IncomingMessage["headers"];
  body: string;
}

/** A question to the proxy on this machine. */
export interface Question {
  /** Host header, and the name that the certificate must stand for. */
  host: string;
  port: number;
  path: string;
  /** PEM of the only authority that is trusted; without it the question goes over plain HTTP. */
  authority?: string;
  /** `user:password`, for who has to sign in. */
  credentials?: string;
  /** Headers beside `Host`. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Gives the question up. */
  signal?: AbortSignal;
}

/** Asks a server on the loopback address as a browser would ask `host`. @throws {Error} when TLS does not verify. */
export function request({ host, port, path, authority, credentials, headers, signal }: Question): Promise<Answer> {
  const address = {
    host: "127.0.0.1",
    port,
    path,
    headers: { ...headers, host: `${host}:${port}` },
    auth: credentials,
    agent: false,
    signal,
  };
  return new Promise((resolve, reject) => {
    const outgoing =
      authority === undefined ? requestPlain(address) : requestSecure({ ...address, servername: host, ca: authority });
    outgoing.on("error", reject);
    outgoing.on("response", (incoming) => {
      text(incoming).then((body) => {
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body });
      }, reject);
    });
    outgoing.end();
  });
}
