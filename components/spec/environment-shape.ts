import { z } from "zod";
import { certificateShape } from "./certificate-shape.ts";
import { databaseShape } from "./database-shape.ts";
import { jobShape } from "./job-shape.ts";
import { accessShape } from "./route-shape.ts";
import { dnsName, flag, integer, must, settings } from "./rules.ts";
import { serviceShape } from "./service-shape.ts";
import { targetShape } from "./target-shape.ts";
import { volumesShape } from "./volume-shape.ts";

/** Shape of an environment: each setting by itself. How they go together is checked in relations.ts. */
export const environmentShape = settings("an environment", {
  target: targetShape.default({ kind: "docker" }),
  domain: dnsName(),
  port: integer(1, 65535).optional(),
  sealed: flag().default(false),
  keepData: flag().default(true),
  keepReleases: integer(1, 100).default(5),
  access: accessShape.optional(),
  certificate: certificateShape.optional(),
  services: z.record(z.string(), serviceShape, must("be an object of services by name")),
  jobs: z.record(z.string(), jobShape, must("be an object of jobs by name")).default({}),
  databases: z.record(z.string(), databaseShape, must("be an object of databases by name")).default({}),
  volumes: volumesShape.default({}),
});
