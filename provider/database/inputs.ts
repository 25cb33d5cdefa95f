import { z } from "zod";
import { dockerName, label } from "../names.ts";

const password = z.string().min(16, "must be a generated password");

const node = z.object({
  /** Its number, which its address ends with: `main-1`. 1-99. */
  node: z.int().min(1).max(99),
  /** Container by id, so that another one is looked after as well. */
  container: z.string().min(1),
});

const login = z.object({
  /** Name that a program signs in with. */
  name: z.string().regex(/^[a-z][a-z0-9-]*(_\d+)?$/, "must be the name of a program"),
  /** Database that it is for. */
  database: label,
  /** What it may do there. */
  rights: z.enum(["owner", "write", "read"]),
  password,
});

/** What {@link database} is told. */
export const inputs = z.object({
  /** Namespace of the environment. A change replaces. */
  namespace: label,
  /** Environment of the server. A change replaces. */
  environment: label,
  /** Name within the environment, and address of the primary. A change replaces. */
  database: label,
  /** Kind of server. A change is refused: data has to be dumped and restored. */
  engine: z.enum(["postgres", "mariadb"]),
  /** Network of the environment. */
  network: dockerName,
  /** Its servers. */
  nodes: z.array(node).min(1),
  /** Number of the server that takes writes. */
  primary: z.int().min(1).max(99),
  /** True acknowledges a write once a replica has it. */
  synchronous: z.boolean(),
  /** Databases on it. */
  databases: z.array(label).min(1),
  /** Programs' logins. Secret. */
  logins: z.array(login),
  /** Password that replicas sign in with. Secret. */
  replicationPassword: password,
  /** Password that backups sign in with. Secret. */
  backupPassword: password,
  /** Time that a server gets to be ready, in seconds. 1-3600. */
  readySeconds: z.int().min(1).max(3600),
  /** Processes and threads of each container. */
  pidsLimit: z.int().min(1),
});

/** What is recorded of a database. */
export const state = inputs.extend({
  /**
   * By database, what tells its data from other data of the same name: another one where it was made anew, or restored.
   * Computed; undefined until it was looked at.
   */
  data: z.record(z.string(), z.string()).optional(),
});

/** Inputs of {@link database}. */
export type DatabaseInputs = z.input<typeof inputs>;

/** A checked plan. */
export type DatabasePlan = z.output<typeof inputs>;

/** What is recorded of a database. */
export type DatabaseRecord = z.output<typeof state>;

/** A program's login. */
export type Login = z.output<typeof login>;
