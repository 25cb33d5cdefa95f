import { parseArgs } from "node:util";
import { ExitCode, UserError } from "./errors.ts";

const LOOK = { stack: { type: "string", short: "s" }, json: { type: "boolean", default: false } } as const;

/** Arguments of `npm run new`. @throws {UserError} when they are wrong. */
export function parseNew(args: string[]): { name: string; from: string } {
  return orUsage(() => {
    const options = { from: { type: "string", default: "dev" } } as const;
    const { positionals, values } = parseArgs({ args, options, allowPositionals: true });
    const [name, ...others] = positionals;
    if (name === undefined || others.length > 0) throw new Error(`one name is needed, got ${positionals.length}`);
    return { name, from: values.from };
  });
}

/** What commands on one stack are told. */
export interface StackArguments {
  stack: string;
  to: string | undefined;
  off: boolean;
  json: boolean;
  /** What is no option. */
  others: string[];
}

/** Arguments of `npm run status` and `npm run rollback`. @throws {UserError} when they are wrong. */
export function parseStack(args: string[]): StackArguments {
  return orUsage(() => {
    const options = {
      stack: { type: "string", short: "s" },
      to: { type: "string" },
      off: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    } as const;
    const { positionals, values } = parseArgs({ args, options, allowPositionals: true });
    const { stack, to, off, json } = values;
    if (to !== undefined && off) throw new Error("--to and --off exclude each other");
    return { stack: needed(stack), to, off, json, others: positionals };
  });
}

/** Arguments of `npm run promote-replica`. @throws {UserError} when they are wrong. */
export function parsePromoteReplica(args: string[]): {
  stack: string;
  database: string;
  to: number | undefined;
  json: boolean;
} {
  const { stack, to, json, others } = parseStack(args);
  return orUsage(() => {
    const [database, ...more] = others;
    if (database === undefined || more.length > 0) throw new Error(`one database is needed, got ${others.length}`);
    if (to !== undefined && !/^[1-9]$/.test(to)) throw new Error(`--to must be the number of a server, got ${to}`);
    return { stack, database, to: to === undefined ? undefined : Number(to), json };
  });
}

/** Arguments of `npm run backup`. @throws {UserError} when they are wrong. */
export function parseBackup(args: string[]): { stack: string; database: string | undefined; proveOnly: boolean } {
  return orUsage(() => {
    const options = {
      stack: { type: "string", short: "s" },
      "prove-only": { type: "boolean", default: false },
    } as const;
    const { positionals, values } = parseArgs({ args, options, allowPositionals: true });
    if (positionals.length > 1) throw new Error(`one database is backed up, or all, got ${positionals.length}`);
    return { stack: needed(values.stack), database: positionals[0], proveOnly: values["prove-only"] };
  });
}

/** Arguments of `npm run restore`. @throws {UserError} when they are wrong. */
export function parseRestore(args: string[]): {
  stack: string;
  database: string;
  from: string | undefined;
  at: Date | undefined;
} {
  return orUsage(() => {
    const options = {
      stack: { type: "string", short: "s" },
      from: { type: "string" },
      at: { type: "string" },
    } as const;
    const { positionals, values } = parseArgs({ args, options, allowPositionals: true });
    const [database, ...more] = positionals;
    if (values.from !== undefined && values.at !== undefined) throw new Error("--from and --at exclude each other");
    const at = values.at === undefined ? undefined : new Date(values.at);
    if (at && Number.isNaN(at.getTime())) {
      throw new Error(`--at must be a time such as 2026-11-22T14:30:00Z, got ${values.at ?? ""}`);
    }
    if (database === undefined || more.length > 0) throw new Error(`one database is needed, got ${positionals.length}`);
    return { stack: needed(values.stack), database, from: values.from, at };
  });
}

/** Arguments of `npm run rotate`. @throws {UserError} when they are wrong. */
export function parseRotate(args: string[]): {
  stack: string;
  secret: string | undefined;
  finish: boolean;
  json: boolean;
} {
  return orUsage(() => {
    const options = {
      stack: { type: "string", short: "s" },
      finish: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    } as const;
    const { positionals, values } = parseArgs({ args, options, allowPositionals: true });
    const [secret, ...others] = positionals;
    if (others.length > 0) throw new Error(`one secret is rotated at a time, got ${positionals.length}`);
    if (values.finish && secret === undefined) throw new Error("--finish needs the name of a secret");
    return { stack: needed(values.stack), secret, finish: values.finish, json: values.json };
  });
}

/** Arguments of `npm run gc`. @throws {UserError} when they are wrong. */
export function parseGc(args: string[]): { dryRun: boolean; json: boolean } {
  return orUsage(() => {
    const flag = { type: "boolean", default: false } as const;
    const { values } = parseArgs({ args, options: { "dry-run": flag, json: flag } });
    return { dryRun: values["dry-run"], json: values.json };
  });
}

/** Arguments of `npm run up`: a stack, and flags for `pulumi up`. @throws {UserError} when no stack is named. */
export function parseUp(args: string[]): { stack: string; flags: string[] } {
  return orUsage(() => {
    const options = { stack: { type: "string", short: "s" } } as const;
    const { values, tokens } = parseArgs({ args, options, strict: false, tokens: true });
    const own = tokens.flatMap((token) => {
      if (token.kind !== "option" || token.name !== "stack") return [];
      return token.inlineValue === false ? [token.index, token.index + 1] : [token.index];
    });
    const stack = typeof values.stack === "string" ? values.stack : undefined;
    return { stack: needed(stack), flags: args.filter((_, index) => !own.includes(index)) };
  });
}

/** Arguments of `npm run preview`. @throws {UserError} when they are wrong. */
export function parsePreview(args: string[]): { stack: string; json: boolean; out: string | undefined } {
  return orUsage(() => {
    const { stack, json, out } = parseArgs({ args, options: { ...LOOK, out: { type: "string" } } }).values;
    return { stack: needed(stack), json, out };
  });
}

/** Arguments of `npm run drift`. @throws {UserError} when they are wrong. */
export function parseDrift(args: string[]): { stack: string; json: boolean; deployed: boolean } {
  return orUsage(() => {
    const options = { ...LOOK, deployed: { type: "boolean", default: false } } as const;
    const { stack, json, deployed } = parseArgs({ args, options }).values;
    return { stack: needed(stack), json, deployed };
  });
}

/** Arguments of `npm run note`: a stack, and the file with its preview. @throws {UserError} when they are wrong. */
export function parseNote(args: string[]): { stack: string; file: string } {
  return orUsage(() => {
    const options = { stack: { type: "string", short: "s" } } as const;
    const { positionals, values } = parseArgs({ args, options, allowPositionals: true });
    const [file, ...others] = positionals;
    if (file === undefined || others.length > 0) throw new Error(`note takes one file, got ${positionals.length}`);
    return { stack: needed(values.stack), file };
  });
}

/** What `npm run review` is told. */
export interface ReviewArguments {
  branch: string;
  /** How long it is to live: `12h`, `7d` or a date. */
  ttl: string;
  /** File that gets the stack and its address, as lines of `NAME=value`. */
  dotenv: string | undefined;
}

/** Arguments of `npm run review`. @throws {UserError} when they are wrong. */
export function parseReview(args: string[]): ReviewArguments {
  return orUsage(() => {
    const options = { ttl: { type: "string", default: "7d" }, dotenv: { type: "string" } } as const;
    const { positionals, values } = parseArgs({ args, options, allowPositionals: true });
    const [branch = "", ...others] = positionals;
    if (branch === "" || others.length > 0) throw new Error(`one branch is needed, got "${positionals.join(" ")}"`);
    return { branch, ttl: values.ttl, dotenv: values.dotenv };
  });
}

/** What `npm run destroy` is told: a stack and what is to become of its data, or the branch of a review environment. */
export type DestroyArguments = { stack: string; removed: string[] | undefined } | { branch: string };

/** Arguments of `npm run destroy`. @throws {UserError} when they are wrong. */
export function parseDestroy(args: string[]): DestroyArguments {
  return orUsage(() => {
    const options = {
      stack: { type: "string", short: "s" },
      branch: { type: "string" },
      "keep-data": { type: "boolean", default: false },
      "remove-data": { type: "string", multiple: true },
    } as const;
    const { stack, branch, "keep-data": kept, "remove-data": removed } = parseArgs({ args, options }).values;
    if (stack !== undefined && branch !== undefined) throw new Error("--stack and --branch exclude each other");
    if (kept && removed) throw new Error("--keep-data and --remove-data exclude each other: what is not named stays");
    if (branch !== undefined && (kept || removed)) throw new Error("the data of a review environment goes with it");
    return branch === undefined ? { stack: needed(stack), removed: removed ?? (kept ? [] : undefined) } : { branch };
  });
}

/** Arguments of `npm run sweep`. @throws {UserError} when they are wrong. */
export function parseSweep(args: string[]): { remote: string; dryRun: boolean; json: boolean } {
  return orUsage(() => {
    const options = {
      remote: { type: "string", default: "origin" },
      "dry-run": { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    } as const;
    const { remote, json, "dry-run": dryRun } = parseArgs({ args, options }).values;
    return { remote, json, dryRun };
  });
}

/** Arguments of `npm run reproduce`: a stack and a service. @throws {UserError} when they are wrong. */
export function parseReproduce(args: string[]): { stack: string; service: string; json: boolean } {
  return orUsage(() => {
    const { positionals, values } = parseArgs({ args, options: LOOK, allowPositionals: true });
    const [service, ...others] = positionals;
    if (service === undefined || others.length > 0) throw new Error(`one service is needed, got ${positionals.length}`);
    return { stack: needed(values.stack), service, json: values.json };
  });
}

/** Arguments of `npm run trace`: a container or an address. @throws {UserError} when they are wrong. */
export function parseTrace(args: string[]): { subject: string; json: boolean } {
  return orUsage(() => {
    const options = { json: { type: "boolean", default: false } } as const;
    const { positionals, values } = parseArgs({ args, options, allowPositionals: true });
    const [subject = "", ...others] = positionals;
    if (subject === "" || others.length > 0)
      throw new Error(`one container or URL is needed, got ${positionals.length}`);
    if (/^https?:/.test(subject) && !URL.canParse(subject)) throw new Error(`"${subject}" is no URL`);
    return { subject, json: values.json };
  });
}

/** @throws {UserError} when a command that takes no arguments has some. */
export function takeNoArguments(command: string, args: string[]): void {
  if (args.length > 0) throw usage(`${command} takes no such argument, got "${args.join(" ")}"`);
}

/** The error for a command that is called in a wrong way. */
export function usage(message: string): UserError {
  return new UserError(message, "See `npm start -- --help`.", ExitCode.usage);
}

function needed(stack: string | undefined): string {
  if (stack === undefined) throw new Error("a stack is needed: -s STACK");
  return stack;
}

function orUsage<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error));
  }
}
