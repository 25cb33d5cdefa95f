import { z } from "zod";
import { dockerName, hostPath, label } from "../names.ts";

/** What {@link release} is given. */
export const releaseInputs = z.object({
  /** Namespace of the platform whose proxy routes. A change replaces. */
  namespace: label,
  /** Environment that the service belongs to. A change replaces. */
  environment: label,
  /** Name of the service within its environment. A change replaces. */
  service: label,
  /** Names of the containers that are to serve, one per replica. At least one. */
  containers: z.array(dockerName).min(1, "must name at least one container"),
  /** Port that the containers listen on. 1-65535. */
  port: z.int().min(1).max(65_535),
  /** What the proxy asks a container to know that it works; by default it opens a connection, no more. */
  health: z
    .object({
      /** Path that answers 2xx or 3xx once the container can serve. */
      path: z
        .string()
        .regex(/^\/[\w.~!$&()*+,;=:@%/?-]*$/, 'must be a path that starts with "/", of characters that a URL may hold'),
      /** Host header of the question. @default the first of `hosts` */
      host: z
        .string()
        .regex(/^[A-Za-z0-9.:-]+$/, "must be a host name")
        .optional(),
      /**
       * Time between two questions to a container that serves, in seconds; a release waits as long for the first one.
       * 1-300, less than `gateSeconds`. @default 1
       */
      everySeconds: z.int().min(1).max(300).default(1),
      /** Time within which the answer has to come, in seconds. 1-60. @default 3 */
      timeoutSeconds: z.int().min(1).max(60).default(3),
      /** Failures in a row after which a container gets no more requests. 1-10. @default 3 */
      failures: z.int().min(1).max(10).default(3),
    })
    .optional(),
  /** Where requests come in, each `host` or `host/path`. Empty for a worker: it is released without the proxy. */
  hosts: z.array(hostPath),
  /** Image that the containers run, by digest. */
  image: z.string(),
  /** Version that the containers run, for people. */
  version: z.string(),
  /** How long requests to the old containers may go on, in seconds. 0-3600. @default 30 */
  drainSeconds: z.number().min(0).max(3600).default(30),
  /** How long the new containers may take to become healthy, in seconds. 1-3600. @default 60 */
  gateSeconds: z.number().min(1).max(3600).default(60),
  /** Processes and threads that each container may have. 1-4194304, the most that Linux has. @default 200 */
  pidsLimit: z.int().min(1).max(4_194_304).default(200),
  /** True lets the image's own user be root. @default false */
  allowRoot: z.boolean().default(false),
  /** Network on which the proxy reaches the containers; makes the release wait until the proxy is joined to it. */
  network: dockerName,
});

/** What a release leaves behind. */
export const releaseState = releaseInputs.extend({
  /** When this release took over; ISO 8601, UTC. */
  releasedAt: z.string(),
  /** Names of the containers that took over. Unlike `containers` it is never what a refresh has found. */
  released: z.array(dockerName),
  /** Name of the service's backend in the proxy. */
  backend: z.string(),
});

/** A release's inputs, with every default filled in. */
export type ReleasePlan = z.output<typeof releaseInputs>;
