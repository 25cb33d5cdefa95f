import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { json } from "node:stream/consumers";

const PER_PAGE = 100;

/** One request as the server saw it. */
export interface GitLabRequest {
  method: string;
  path: string;
  token: string;
  /** Text of the note that was sent. */
  body?: string;
}

/** A server on the loopback address that answers as GitLab's and GitHub's APIs do for the notes of one merge request. */
export interface GitLab {
  /** What `CI_API_V4_URL` is in its jobs. */
  url: string;
  requests: GitLabRequest[];
  notes: { id: number; body: string }[];
  /** When set, what every request is answered with. */
  refuse?: { status: number; body: string };
  close: () => Promise<void>;
}

/** Starts the server on a free port; with a certificate and its key in PEM it speaks HTTPS, as `localhost`. */
export async function startGitLab(certificate?: string): Promise<GitLab> {
  const listener: RequestListener = (request, response) => {
    void answer(request, gitlab).then(({ status, body }) => {
      response.writeHead(status, { "Content-Type": "application/json" }).end(body);
    });
  };
  const server = certificate
    ? createSecureServer({ cert: certificate, key: certificate }, listener)
    : createServer(listener);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const gitlab: GitLab = {
    url: certificate ? `https://localhost:${port}/api/v3` : `http://127.0.0.1:${port}/api/v4`,
    requests: [],
    notes: [],
    close: async () => {
      server.closeAllConnections();
      await once(server.close(), "close");
    },
  };
  return gitlab;
}

interface GitLabAnswer {
  status: number;
  body: string;
}

async function answer(request: IncomingMessage, gitlab: GitLab): Promise<GitLabAnswer> {
  const { method = "", url: path = "", headers } = request;
  const sent = method === "GET" ? undefined : ((await json(request)) as { body: string });
  const token = headers["private-token"] ?? headers.authorization;
  gitlab.requests.push({ method, path, token: String(token), ...sent });
  if (gitlab.refuse) return gitlab.refuse;
  if (sent === undefined) return list(gitlab, new URL(path, gitlab.url));
  const id = method === "POST" ? 101 + gitlab.notes.length : Number(path.split("/").at(-1));
  gitlab.notes = [...gitlab.notes.filter((note) => note.id !== id), { id, ...sent }];
  return { status: method === "POST" ? 201 : 200, body: JSON.stringify({ id, ...sent }) };
}

/** One page of notes. */
function list({ notes }: GitLab, { searchParams }: URL): GitLabAnswer {
  const page = Number(searchParams.get("page"));
  return { status: 200, body: JSON.stringify(notes.slice((page - 1) * PER_PAGE, page * PER_PAGE)) };
}
