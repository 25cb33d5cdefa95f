import { z } from "zod";
import { dnsName, flag, integer, settings } from "./rules.ts";
import { targetShape } from "./target-shape.ts";

const hostPort = integer(1, 65535);
const http = hostPort.default(8080);
const https = hostPort.default(8443);
const status = hostPort.default(8404);
const registryPort = hostPort.default(5000);

/** Shape of a platform: each setting by itself. */
export const platformShape = settings("a platform", {
  target: targetShape.default({ kind: "docker" }),
  domain: dnsName(),
  ports: settings("ports", { http, https, status }).prefault({}),
  registry: settings("a registry", { port: registryPort }).prefault({}),
  supervisor: flag().default(true),
});

/** The ports of a platform, however faulty the rest. A port that is wrong by itself is NaN, which equals no other. */
export const portSketch = z
  .object({
    ports: z
      .object({ http: http.catch(NaN), https: https.catch(NaN), status: status.catch(NaN) })
      .prefault({})
      .catch({ http: NaN, https: NaN, status: NaN }),
    registry: z
      .object({ port: registryPort.catch(NaN) })
      .prefault({})
      .catch({ port: NaN }),
  })
  .catch({ ports: { http: NaN, https: NaN, status: NaN }, registry: { port: NaN } });
