import { createServer } from "node:http";
import { once } from "node:events";
import { getRequestListener } from "@hono/node-server";
import { apiAt } from "./api.ts";
import { readSettings } from "./settings.ts";
import { createSite } from "./site.ts";

const say = (line: string) => void process.stdout.write(`${line}\n`);
const complain = (error: Error) => void process.stderr.write(`${error.message}\n`);

const { port, api, version } = readSettings(process.env);
const listener = getRequestListener(createSite({ api: apiAt(api), version, complain }).fetch);
const server = createServer((request, response) => void listener(request, response));
// Longer than the proxy keeps a connection that nobody uses: what is on its way on one that is closed here is lost.
server.keepAliveTimeout = 75_000;
await once(server.listen(port), "listening");
say(`listening on ${port}, version ${version}`);

// The first signal lets running answers finish; a second one ends the process at once.
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => server.close());
