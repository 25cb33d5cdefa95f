import type { ContainerArgs } from "@pulumi/docker";
import { z } from "zod";
import { duration } from "./duration.ts";
import { labels } from "./labels.ts";

const text = z.string().optional();
const texts = z.array(z.string()).optional();
const flag = z.boolean().optional();
const count = z.number().int().optional();
const map = z.record(z.string(), z.string()).optional();
const port = z.strictObject({
  internal: z.number().int().min(1).max(65535),
  external: z.number().int().min(0).max(65535).optional(),
  ip: text,
  protocol: z.enum(["tcp", "udp", "sctp"]).optional(),
});

const network = z.strictObject({ name: z.string(), aliases: texts, ipv4Address: text, ipv6Address: text });

const volume = z.strictObject({
  containerPath: z.string(),
  volumeName: text,
  hostPath: text,
  readOnly: flag,
  selinuxRelabel: z.enum(["z", "Z"]).optional(),
});

const mount = z.strictObject({
  type: z.enum(["bind", "volume", "tmpfs"]),
  target: z.string(),
  source: text,
  readOnly: flag,
  bindOptions: z
    .strictObject({ propagation: z.enum(["private", "rprivate", "shared", "rshared", "slave", "rslave"]).optional() })
    .optional(),
  volumeOptions: z.strictObject({ noCopy: flag }).optional(),
  tmpfsOptions: z.strictObject({ mode: count, sizeBytes: count }).optional(),
});

const upload = z
  .strictObject({
    file: z.string().startsWith("/", { error: "must be an absolute path in the container" }),
    content: text,
    contentBase64: text,
    source: text,
    sourceHash: text,
    executable: flag,
    permissions: z
      .string()
      .regex(/^[0-7]{3,4}$/, { error: 'must be an octal mode such as "0644"' })
      .optional(),
    owner: z.string().regex(/^\d+$/, { error: "must be a numeric user id" }).optional(),
    group: z.string().regex(/^\d+$/, { error: "must be a numeric group id" }).optional(),
  })
  .refine(
    ({ content, contentBase64, source }) =>
      [content, contentBase64, source].filter((x) => x !== undefined).length === 1,
    { error: "needs exactly one of content, contentBase64 and source" },
  );

const healthcheck = z.strictObject({
  tests: z.array(z.string()),
  interval: duration.optional(),
  timeout: duration.optional(),
  startPeriod: duration.optional(),
  startInterval: duration.optional(),
  retries: z.number().int().min(0).optional(),
});

/** Inputs of a container that the stand-in knows, named and shaped as `docker.ContainerArgs` has them. */
export const containerShape = {
  attach: flag,
  capabilities: z.strictObject({ adds: texts, drops: texts }).optional(),
  cgroupParent: text,
  command: texts,
  containerReadRefreshTimeoutMilliseconds: count,
  cpuPeriod: count,
  cpuQuota: count,
  cpuSet: text,
  cpuShares: count,
  cpus: z
    .string()
    .regex(/^\d+(\.\d+)?$/, { error: 'must be a number of CPUs such as "0.5"' })
    .optional(),
  destroyGraceSeconds: count,
  devices: z.array(z.strictObject({ hostPath: z.string(), containerPath: text, permissions: text })).optional(),
  dns: texts,
  dnsOpts: texts,
  dnsSearches: texts,
  domainname: text,
  entrypoints: texts,
  envs: texts,
  groupAdds: texts,
  healthcheck: healthcheck.optional(),
  hostname: text,
  hosts: z.array(z.strictObject({ host: z.string(), ip: z.string() })).optional(),
  image: z.string(),
  init: flag,
  ipcMode: text,
  labels,
  logDriver: text,
  logOpts: map,
  logs: flag,
  maxRetryCount: count,
  memory: count,
  memoryReservation: count,
  memorySwap: count,
  mounts: z.array(mount).optional(),
  mustRun: flag,
  name: z.string(),
  networkMode: text,
  networksAdvanced: z.array(network).optional(),
  pidMode: text,
  platform: text,
  ports: z.array(port).optional(),
  privileged: flag,
  publishAllPorts: flag,
  readOnly: flag,
  removeVolumes: flag,
  restart: z.enum(["no", "always", "unless-stopped", "on-failure"]).optional(),
  rm: flag,
  runtime: text,
  securityOpts: texts,
  shmSize: count,
  start: flag,
  stdinOpen: flag,
  stopSignal: text,
  stopTimeout: count,
  storageOpts: map,
  sysctls: map,
  tmpfs: map,
  tty: flag,
  ulimits: z.array(z.strictObject({ name: z.string(), soft: z.number().int(), hard: z.number().int() })).optional(),
  uploads: z.array(upload).optional(),
  user: text,
  usernsMode: text,
  volumes: z.array(volume).optional(),
  wait: flag,
  waitTimeout: count,
  workingDir: text,
} satisfies Partial<Record<keyof ContainerArgs, z.ZodType>>;

/** Parses the inputs of a container. */
export const containerInputs = z.object(containerShape);

/** Inputs of a container, its name filled in. */
export type ContainerInputs = z.infer<typeof containerInputs>;
