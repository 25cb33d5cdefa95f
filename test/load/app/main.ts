import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { WebSocketServer } from "ws";

/** Seconds that `/slow` waits before it answers. */
const SLOW_SECONDS = 5;
/** What `/events` sends, one each half second. */
const EVENTS = 10;
const EVENT_MILLISECONDS = 500;

/** Stands in every answer, in the header `x-release` and where a client cannot read headers in the body. */
const release = process.env.RELEASE ?? "0";

const server = createServer((request, response) => {
  response.setHeader("x-release", release);
  // A client that goes away in the middle is its own affair.
  answer(request, response).catch(() => response.destroy());
});

// Streams tell their release in their first message.
new WebSocketServer({ server, path: "/socket" }).on("connection", (socket) => {
  socket.send(release);
  socket.on("message", (message, isBinary) => {
    socket.send(message, { binary: isBinary });
  });
});

server.listen(Number(process.env.PORT ?? "8080"));

// By then the proxy leads nobody here any more; what is open may end.
process.once("SIGTERM", () => {
  server.close();
  server.closeIdleConnections();
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url === "/echo") response.end(await buffer(request));
  else if (request.url === "/slow") response.end(await pause(SLOW_SECONDS * 1000, "slow"));
  else if (request.url === "/events") await sendEvents(response);
  else response.end("hello");
}

async function sendEvents(response: ServerResponse): Promise<void> {
  response.setHeader("content-type", "text/event-stream");
  for (let event = 1; event <= EVENTS; event++) {
    response.write(`data: ${event}\n\n`);
    await pause(EVENT_MILLISECONDS);
  }
  response.end("event: end\ndata: \n\n");
}
