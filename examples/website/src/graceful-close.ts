import { once } from "node:events";
import type { Server } from "node:http";
import { Server as NetServer, type Socket } from "node:net";

/**
 * Makes a function that stops accepting, lets every running answer reach its client, and resolves when all connections are
 * closed. To be called before the server listens.
 *
 * `http.Server.close()` alone does not do: it takes a connection for idle as soon as the answer is written, and cuts off what
 * a slow client has not read yet.
 */
export function gracefulClose(server: Server): () => Promise<void> {
  const idle = new Set<Socket>();
  server.on("connection", (socket) => {
    idle.add(socket);
    socket.once("close", () => idle.delete(socket));
  });
  server.on("request", ({ socket }, response) => {
    idle.delete(socket);
    response.once("close", () => {
      if (server.listening) idle.add(socket);
      else socket.destroySoon();
    });
  });
  return async () => {
    const closed = once(server, "close");
    NetServer.prototype.close.call(server);
    for (const socket of idle) socket.destroySoon();
    await closed;
  };
}
