import { z } from "zod";
import { backupShape } from "./backup-shape.ts";
import { dataShape } from "./data-shape.ts";
import { accessToDatabaseShape, databaseShape } from "./database-shape.ts";
import { dnsName, isRoute, routeText } from "./rules.ts";
import { projectPath } from "./build-shape.ts";
import { containerPath, userText } from "./mount-shape.ts";
import { linkShape } from "./service-shape.ts";

// Relations are checked even where single settings are wrong, so that all faults come at once. What is wrong by itself
// is undefined in a sketch, and `unknown` where only its presence matters.

const routeSketch = z.preprocess(
  (route) => (typeof route === "string" && isRoute(route) ? { at: route } : route),
  z.object({
    at: usable(routeText()),
    allow: z.unknown().optional(),
    users: z.unknown().optional(),
    public: z.unknown().optional(),
  }),
);

const mountSketch = z.preprocess(
  (mount) => (typeof mount === "string" ? { path: mount } : mount),
  z.object({
    path: usable(containerPath),
    directory: z.unknown().optional(),
    sizeMb: z.unknown().optional(),
    readOnly: z.unknown().optional(),
    mode: z.unknown().optional(),
    owner: z.unknown().optional(),
  }),
);

const serviceSketch = z.object({
  build: z.unknown().optional(),
  image: z.unknown().optional(),
  port: z.unknown().optional(),
  health: usable(
    z.object({ path: z.unknown().optional(), command: z.unknown().optional(), host: z.unknown().optional() }),
  ),
  replicas: usable(z.int()),
  sticky: z.unknown().optional(),
  rolling: usable(z.int()),
  exclusive: z.unknown().optional(),
  steadySeconds: z.unknown().optional(),
  routes: z.array(usable(routeSketch)).catch([]),
  env: z.record(z.string(), usable(linkShape)).catch({}),
  secrets: z.record(z.string(), z.unknown()).catch({}),
  mounts: z.record(z.string(), usable(mountSketch)).catch({}),
  memoryMb: usable(z.int()),
  user: usable(userText),
  database: usable(accessToDatabaseShape),
  relax: usable(z.object({ allowRoot: z.unknown().optional(), hostDirectories: usable(z.array(z.string())) })),
  before: z.array(usable(z.string())).catch([]),
  waitsFor: z.array(usable(z.string())).catch([]),
});

const { build, image, env, secrets, mounts, memoryMb, user, relax, database, waitsFor } = serviceSketch.shape;
const jobSketch = z.object({
  ...{ build, image, env, secrets, mounts, memoryMb, user, relax, database, waitsFor },
  service: z.unknown().optional(),
  schedule: z.unknown().optional(),
  timeZone: z.unknown().optional(),
  catchUp: z.unknown().optional(),
});

const databaseSketch = z.object({
  engine: usable(databaseShape.shape.engine),
  version: usable(z.string()),
  replicas: usable(z.int()),
  synchronous: z.unknown().optional(),
  memoryMb: usable(z.int().min(128)),
  settings: z.record(z.string(), z.unknown()).catch({}),
  data: usable(dataShape),
  backup: usable(backupShape),
});

const volumeSketch = z.object({
  package: usable(projectPath),
  owner: z.unknown().optional(),
  mode: z.unknown().optional(),
  shareFrom: z.unknown().optional(),
  readOnly: z.unknown().optional(),
});

const sketch = z
  .object({
    domain: usable(dnsName()),
    port: z.unknown().optional(),
    sealed: z.unknown().optional(),
    services: z.record(z.string(), usable(serviceSketch)).catch({}),
    jobs: z.record(z.string(), usable(jobSketch)).catch({}),
    databases: z.record(z.string(), usable(databaseSketch)).catch({}),
    volumes: z.record(z.string(), usable(volumeSketch)).catch({}),
  })
  .catch({
    ...{ domain: undefined, port: undefined, sealed: undefined },
    ...{ services: {}, jobs: {}, databases: {}, volumes: {} },
  });

/** What of an environment can be compared with the rest of it. */
export type Sketch = z.output<typeof sketch>;

/** What of a service can be compared with the rest of its environment. */
export type ServiceSketch = z.output<typeof serviceSketch>;

/** What of a job can be compared with the rest of its environment. */
export type JobSketch = z.output<typeof jobSketch>;

/** What of a database server can be compared with the rest of its environment. */
export type DatabaseSketch = z.output<typeof databaseSketch>;

/** Takes from an environment, however faulty, what is right by itself. */
export function sketchOf(environment: unknown): Sketch {
  return sketch.parse(environment);
}

function usable<Schema extends z.ZodType>(schema: Schema): z.ZodCatch<z.ZodOptional<Schema>> {
  return schema.optional().catch(undefined);
}
