import { bucketShape } from "./bucket-shape.ts";
import { z } from "zod";
import { buildShape } from "./build-shape.ts";
import { dnsName, flag, integer, isName, must, nameRule, settings, text } from "./rules.ts";
import { targetShape } from "./target-shape.ts";

const LETS_ENCRYPT = "https://acme-v02.api.letsencrypt.org/directory";
const LONGEST_BASE = 24;

const hostPort = integer(1, 65535);
const http = hostPort.default(8080);
const https = hostPort.default(8443);
const status = hostPort.default(8404);
const MOST_PORTS = 100;
const environments = settings("a range of ports", { first: hostPort, last: hostPort }).refine(
  ({ first, last }) => last >= first && last - first < MOST_PORTS,
  must(`be 1 to ${MOST_PORTS} ports, the first one first`),
);
const registryPort = hostPort.default(5000);

const keep = settings("keep", { count: integer(0, 1000).default(10), days: integer(0, 3650, "days").default(30) });
const registry = settings("a registry", {
  port: registryPort,
  host: dnsName().optional(),
  s3: bucketShape.optional(),
  keep: keep.prefault({}),
});

/** Shape of a platform: each setting by itself. */
export const platformShape = settings("a platform", {
  target: targetShape.default({ kind: "docker" }),
  domain: dnsName(),
  ports: settings("ports", { http, https, status, environments: environments.optional() }).prefault({}),
  registry: registry.prefault({}),
  acme: settings("acme", {
    email: z.email(must("be an e-mail address")),
    directory: text(isHttps, "be the https address of an ACME directory").default(LETS_ENCRYPT),
    directoryCertificate: text((value) => value.includes("BEGIN CERTIFICATE"), "be a certificate in PEM").optional(),
  }).optional(),
  bases: z
    .record(
      text((value) => isName(value, LONGEST_BASE), nameRule(LONGEST_BASE)),
      buildShape,
      must("be an object of builds by name"),
    )
    .default({}),
  supervisor: flag().default(true),
});

/** The ports of a platform, however faulty the rest. A port that is wrong by itself is NaN, which equals no other. */
export const portSketch = z
  .object({
    ports: z
      .object({
        ...{ http: http.catch(NaN), https: https.catch(NaN), status: status.catch(NaN) },
        environments: environments.optional().catch(undefined),
      })
      .prefault({})
      .catch({ http: NaN, https: NaN, status: NaN, environments: undefined }),
    registry: z
      .object({ port: registryPort.catch(NaN) })
      .prefault({})
      .catch({ port: NaN }),
  })
  .catch({ ports: { http: NaN, https: NaN, status: NaN, environments: undefined }, registry: { port: NaN } });

function isHttps(value: string): boolean {
  return URL.parse(value)?.protocol === "https:";
}
