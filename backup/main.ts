import { parseArgs } from "node:util";
import { readConfig } from "./config.ts";
import { describe } from "./describe.ts";
import { verbs } from "./verbs.ts";

const USAGE = `backup [--prove]           back up every database of the server, and prove each
prove [DATABASE] [ID]      restore newest backups into a server of their own and compare what they hold
list                       print what there is, a line of JSON for each
fetch DATABASE [ID]        print the content of a backup, the newest if none is named
fetch-at DATABASE TIME     print the content of a database as it was at a moment
receive                    receive the server's WAL until it is stopped
compare DATABASE ID NAME   compare the server's database NAME with a backup
`;

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${describe(error)}\n`);
  return 1;
});

async function main(argv: string[]): Promise<number> {
  const options = { prove: { type: "boolean", default: false } } as const;
  const { positionals, values } = parseArgs({ args: argv, options, allowPositionals: true });
  const [name = "", ...args] = positionals;
  const verb = verbs[name];
  if (verb) return verb(await readConfig(process.env), args, values);
  process.stderr.write(USAGE);
  return 2;
}
