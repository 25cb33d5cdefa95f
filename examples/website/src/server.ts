import { getRequestListener } from "@hono/node-server";
import { once } from "node:events";
import { createServer } from "node:http";
import { gracefulClose } from "./graceful-close.ts";
import { Library } from "./library.ts";
import { openLog, type Log } from "./log.ts";
import type { Settings } from "./settings.ts";
import { createSite } from "./site.ts";

/** The running site. */
export interface RunningSite {
  /** Port that it listens on. */
  port: number;
  /** Stops accepting, lets running answers finish, then closes the database and the log. */
  close: () => Promise<void>;
}

/** Opens the articles and the log, and listens. */
export async function startSite(settings: Settings, log: Log = openLog(settings.logDirectory)): Promise<RunningSite> {
  const library = new Library(settings.dataDirectory, (message) => {
    log.write({ level: "error", message });
  });
  const site = createSite({ library, log, version: settings.version });
  const listener = getRequestListener(site.fetch);
  const server = createServer((request, response) => void listener(request, response));
  const closeServer = gracefulClose(server);
  await once(server.listen(settings.port), "listening");
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : settings.port;
  log.write({ level: "info", message: "listening", port, version: settings.version, data: settings.dataDirectory });

  const close = async (): Promise<void> => {
    await closeServer();
    library.close();
    log.write({ level: "info", message: "closed" });
    await log.close();
  };
  return { port, close };
}
