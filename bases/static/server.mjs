import { createServer } from "node:http";
import handler from "serve-handler";

const options = {
  public: "/site",
  cleanUrls: true,
  directoryListing: false,
  symlinks: false,
  // From content: builds date all files alike, so that date and size would make a changed file look unchanged.
  etag: true,
  headers: [{ source: "**", headers: [{ key: "Cache-Control", value: "no-cache" }] }],
};

const server = createServer((request, response) => {
  handler(request, response, options).catch(() => response.destroy());
});
server.listen(8080);
// Requests that are under way end; idle connections would keep the program for as long as they last.
process.once("SIGTERM", () => {
  server.close();
  server.closeIdleConnections();
});
