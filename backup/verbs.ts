import { pipeline } from "node:stream/promises";
import { backUp } from "./back-up.ts";
import type { Config } from "./config.ts";
import { describe } from "./describe.ts";
import type { Engine, Server } from "./engine.ts";
import { amountOf, differenceOf } from "./manifest.ts";
import { prove } from "./prove.ts";
import { Shelf } from "./shelf.ts";
import { openStore } from "./open-store.ts";

/** Does what is asked, with the words that follow its name, and returns an exit code. */
type Verb = (config: Config, args: readonly string[], options: { prove: boolean }) => Promise<number>;

/** What the program can be asked for, by name. */
export const verbs: Record<string, Verb> = {
  backup: async (config, _args, { prove: proves }) => {
    const code = await each(config.databases, async (database) => {
      const id = await backUpOne(config, database);
      return proves ? proveOne(config, database, id) : true;
    });
    const base = config.wal === undefined ? 0 : await each(["base"], () => backUpBase(config));
    return code || base;
  },
  receive: async (config) => {
    const { receiveWal } = await import("./base.ts");
    await receiveWal(serverOf(config), walOf(config));
    return 0;
  },
  "fetch-at": async (config, [database = "", time = ""]) => {
    const [{ fetchAt }, store] = await Promise.all([import("./base.ts"), openStore(config)]);
    const { key, scratch } = config;
    await fetchAt({ store, key, scratch, wal: walOf(config) }, database, new Date(time), process.stdout);
    return 0;
  },
  prove: (config, [database, id]) =>
    each(database === undefined ? config.databases : [database], (name) => proveOne(config, name, id)),
  list,
  fetch,
  compare,
};

async function backUpOne(config: Config, database: string): Promise<string> {
  const [engine, store] = await Promise.all([engineOf(config), openStore(config)]);
  const manifest = await backUp({ config, engine, store, server: serverOf(config) }, database);
  const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0);
  const size = `${(manifest.size / 1e6).toFixed(1)} MB`;
  tell(`${database}: ${manifest.id}, ${amountOf(rows, manifest.tables.length)}, ${size} in ${store.place}`);
  return manifest.id;
}

async function backUpBase(config: Config): Promise<boolean> {
  const [{ BASES, backUpServer, removeOldWal }, engine, store] = await Promise.all([
    import("./base.ts"),
    engineOf(config),
    openStore(config),
  ]);
  const { id, size } = await backUpServer({ config, engine, store, server: serverOf(config) });
  await removeOldWal(walOf(config), await new Shelf(store, BASES).list());
  tell(`all files: ${id}, ${(size / 1e6).toFixed(1)} MB in ${store.place}`);
  return true;
}

function walOf({ wal }: Config): string {
  if (wal === undefined) throw new Error("no WAL is received for this server");
  return wal;
}

async function proveOne(config: Config, database: string, id: string | undefined): Promise<boolean> {
  const [engine, store] = await Promise.all([engineOf(config), openStore(config)]);
  const backup = await new Shelf(store, database).find(id);
  const { ok, rows, tables, seconds, fault } = await prove({ config, engine, store }, backup);
  if (ok) tell(`${database}: ${backup.id} is proven, ${amountOf(rows, tables)} as backed up [${seconds} s]`);
  else complain(`${database}: ${backup.id} is no good: ${fault ?? ""}`);
  return ok;
}

async function list(config: Config): Promise<number> {
  const store = await openStore(config);
  for (const database of config.databases) {
    for (const { tables, ...backup } of await new Shelf(store, database).list()) {
      tell(JSON.stringify({ ...backup, tables, place: store.place }));
    }
  }
  return 0;
}

async function fetch(config: Config, [database = "", id]: readonly string[]): Promise<number> {
  const shelf = new Shelf(await openStore(config), database);
  const content = await shelf.readContent(await shelf.find(id), config.key);
  await pipeline(content, process.stdout);
  return 0;
}

async function compare(config: Config, [database = "", id, name = database]: readonly string[]): Promise<number> {
  const [engine, store] = await Promise.all([engineOf(config), openStore(config)]);
  const { tables } = await new Shelf(store, database).find(id);
  const difference = differenceOf(tables, await engine.tables(serverOf(config), name));
  if (difference === undefined) return 0;
  complain(`${name}: ${difference}`);
  return 1;
}

/** Does something for each database; the failure of one keeps no other from its turn. */
async function each(databases: readonly string[], work: (database: string) => Promise<boolean>): Promise<number> {
  let failures = 0;
  for (const database of databases) {
    const done = await work(database).catch((error: unknown) => {
      complain(`${database}: ${describe(error)}`);
      return false;
    });
    if (!done) failures += 1;
  }
  return failures === 0 ? 0 : 1;
}

async function engineOf({ engine }: Config): Promise<Engine> {
  return engine === "postgres" ? (await import("./postgres.ts")).postgres : (await import("./mariadb.ts")).mariadb;
}

function serverOf({ host, port, user, password }: Config): Server {
  return { host, port, user, password };
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`);
}

function complain(line: string): void {
  process.stderr.write(`${line}\n`);
}
