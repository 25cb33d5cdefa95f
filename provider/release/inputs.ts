import { z } from "zod";
import { dockerName, hostPath, label } from "../names.ts";
import { INTERNAL_PORTS } from "./internal-ports.ts";
import { routeRule } from "./route-rules.ts";

const port = z.int().min(1).max(65_535);

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
  /** Port that the containers listen on. 1-65535. Required with `hosts` and `internalPort`. */
  port: port.optional(),
  /** What a container is asked to know that it works. Without it, one that accepts connections works behind the proxy. */
  health: z
    .object({
      /** Path that answers 2xx or 3xx once the container can serve. */
      path: z
        .string()
        .regex(/^\/[\w.~!$&()*+,;=:@%/?-]*$/, 'must be a path that starts with "/", of characters that a URL may hold')
        .optional(),
      /** Program and arguments that end with code 0 in the container once it can serve; in place of `path`. */
      command: z.array(z.string()).min(1).optional(),
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
  /** Where requests come in, each `host` or `host/path`. */
  hosts: z.array(hostPath),
  /**
   * Port of the proxy under which other services of the environment reach this one. 20000-20255. Without it and without
   * `hosts` the service is released without the proxy.
   */
  internalPort: z.int().min(INTERNAL_PORTS.first).max(INTERNAL_PORTS.last).optional(),
  /** True keeps a client on the container that answered it first, as long as that one serves. @default false */
  sticky: z.boolean().default(false),
  /**
   * At most so many containers are stopped before as many new ones start, which must have been created and not started.
   * 1-50. @default - all new ones start beside the old
   */
  rolling: z.int().min(1).max(50).optional(),
  /** Who may come in and with what: one for each of `hosts`, or none at all. @default [] - every request */
  rules: z.array(routeRule).default([]),
  /** Image that the containers run, by digest. */
  image: z.string(),
  /** Version that the containers run, for people. */
  version: z.string(),
  /** Commit that is deployed; a change of it alone is none. The state has the one that the image was deployed from first. */
  commit: z.string().optional(),
  /** How many releases stay listed for a rollback, the current one included. 1-1000. @default 5 */
  keepReleases: z.int().min(1).max(1000).default(5),
  /** How long requests to the old containers may go on, in seconds. 0-3600. @default 30 */
  drainSeconds: z.number().min(0).max(3600).default(30),
  /** How long the new containers may take to become healthy, in seconds. 1-3600. @default 60 */
  gateSeconds: z.number().min(1).max(3600).default(60),
  /** How long a container without health check has to run before it counts as ready, in seconds. 0-3600. @default 3 */
  steadySeconds: z.number().min(0).max(3600).default(3),
  /** Time between SIGTERM and SIGKILL for a container that the release stops, in seconds. 0-3600. @default 10 */
  stopSeconds: z.number().min(0).max(3600).default(10),
  /** Processes and threads that each container may have. 1-4194304, the most that Linux has. @default 200 */
  pidsLimit: z.int().min(1).max(4_194_304).default(200),
  /** True lets the image's own user be root. @default false */
  allowRoot: z.boolean().default(false),
  /** Network on which the proxy reaches the containers; makes the release wait until the proxy is joined to it. */
  network: dockerName,
});

/** One release in a service's history. */
const releaseRecord = z.object({
  /** Image by digest. */
  image: z.string(),
  version: z.string(),
  commit: z.string().optional(),
  /** When it took over; ISO 8601, UTC. */
  releasedAt: z.string(),
});

/** How long each part of a release took, in seconds with one decimal. */
export const durations = z.object({ gate: z.number(), switch: z.number(), drain: z.number() });

/** What a release leaves behind. */
export const releaseState = releaseInputs.extend({
  /** Names of the containers that the proxy leads to: what took over, or what a refresh has found, which may be none. */
  containers: z.array(dockerName),
  /** When this release took over; ISO 8601, UTC. */
  releasedAt: z.string(),
  /** Names of the containers that took over; no refresh changes it. */
  released: z.array(dockerName),
  /** Name of the service's backend in the proxy. */
  backend: z.string(),
  /** What the last release took, in seconds. */
  took: durations.default({ gate: 0, switch: 0, drain: 0 }),
  /** The releases of distinct images, the current one first, at most `keepReleases`. */
  history: z.array(releaseRecord).default([]),
});

/** A release's inputs, with every default filled in. */
export type ReleasePlan = z.output<typeof releaseInputs>;

/** What an earlier release has left. */
export type ReleaseState = z.output<typeof releaseState>;

/** A release that can be gone back to. */
export type ReleaseRecord = z.output<typeof releaseRecord>;

/** How long each part of a release took. */
export type Durations = z.output<typeof durations>;
